// The sums of rows: what they are made of.
#include "broker/store/store_db_part.h"

dc_store_head_t dc_db_head_of_batch(const dc_store_op_t *op)
{
    const uint64_t numbers[] = { op->batch,
                                 op->opened.flags,
                                 op->opened.retries,
                                 op->opened.level,
                                 op->opened.is_held,
                                 op->opened.timeout_ms,
                                 op->opened.steps_max,
                                 op->opened.keep_ms,
                                 op->opened.opened_date,
                                 op->opened.deadline_date };
    dc_store_head_t head = dc_store_head('b');
    dc_store_head_add(&head, numbers, DC_ARRAY_LEN(numbers));
    dc_store_head_add_bytes(&head, dc_str((const char *)op->opened.key.bytes, DC_KEY_BYTES));
    dc_store_head_add_bytes(&head, dc_str_from(op->opened.tag));
    dc_store_head_add_bytes(&head, op->data.bytes);
    dc_store_head_add_bytes(&head, op->program.bytes);
    dc_store_head_add_bytes(&head, op->awaited.bytes);
    return head;
}

dc_store_head_t dc_db_head_of_close(const dc_store_op_t *op)
{
    const uint64_t numbers[] = { op->batch, op->close.jobs };
    dc_store_head_t head = dc_store_head('c');
    dc_store_head_add(&head, numbers, DC_ARRAY_LEN(numbers));
    return head;
}

dc_store_head_t dc_db_head_of_chunk(const dc_store_op_t *op, uint64_t bytes)
{
    const uint64_t numbers[] = { dc_db_key(op->batch, op->chunk.number),
                                 op->chunk.first,
                                 op->chunk.count,
                                 op->chunk.width,
                                 op->chunk.flags,
                                 bytes,
                                 op->chunk.digest };
    // What a former version has stored has none, and a head that ends before it.
    size_t count = DC_ARRAY_LEN(numbers) - !op->chunk.has_digest;
    dc_store_head_t head = dc_store_head('i');
    dc_store_head_add(&head, numbers, count);
    dc_store_head_add_bytes(&head, op->awaited.bytes);
    return head;
}

dc_store_head_t dc_db_head_of_result(const dc_store_op_t *op, uint64_t bytes)
{
    const uint64_t numbers[] = { dc_db_key(op->batch, op->result.chunk), op->result.answered,
                                 op->result.failed, bytes };
    dc_store_head_t head = dc_store_head('r');
    dc_store_head_add(&head, numbers, DC_ARRAY_LEN(numbers));
    return head;
}

// --- small rows --------------------------------------------------------------------------------

static dc_store_head_t head_of(char table, const uint64_t *numbers, size_t count)
{
    dc_store_head_t head = dc_store_head(table);
    dc_store_head_add(&head, numbers, count);
    return head;
}

dc_store_head_t dc_db_head_of_end(uint64_t batch, uint64_t error, uint64_t date)
{
    const uint64_t numbers[] = { batch, error, date };
    return head_of('e', numbers, DC_ARRAY_LEN(numbers));
}

dc_store_head_t dc_db_head_of_terms(const dc_store_op_t *op)
{
    const uint64_t numbers[] = { dc_db_key(op->batch, op->terms.number), op->terms.level,
                                 op->terms.is_held, op->terms.deadline_date };
    return head_of('t', numbers, DC_ARRAY_LEN(numbers));
}

dc_store_head_t dc_db_head_of_met(uint64_t batch, uint32_t index)
{
    uint64_t key = dc_db_key(batch, index);
    return head_of('m', &key, 1);
}

dc_store_head_t dc_db_head_of_doomed(uint64_t batch)
{
    return head_of('d', &batch, 1);
}

dc_store_head_t dc_db_head_of_meta(uint64_t id, const dc_db_meta_t *meta)
{
    const uint64_t numbers[] = { id, meta->epoch, meta->highest, meta->unsummed, meta->bare };
    return head_of('s', numbers, DC_ARRAY_LEN(numbers));
}

void dc_db_bind_sums(dc_store_db_t *self, dc_db_statement_t statement, int at,
                     const dc_store_head_t *head, dc_str_t data, char *sums)
{
    size_t bytes = dc_store_sum(head, data, sums);
    dc_db_bind_bytes(self, statement, at, dc_str(sums, bytes));
}

bool dc_db_is_small(const dc_store_db_t *self, uint64_t batch, dc_str_t sums,
                    const dc_store_head_t *head)
{
    if (sums.len == 0) return batch <= self->meta.bare;
    return dc_store_sums_fit(sums, head, 0);
}

// --- whether they fit --------------------------------------------------------------------------

bool dc_db_is_head(const dc_store_db_t *self, uint64_t batch, dc_str_t sums,
                   const dc_store_head_t *head, uint64_t bytes)
{
    if (sums.len == 0) return batch <= self->meta.unsummed;
    return dc_store_sums_fit(sums, head, bytes);
}

bool dc_db_is_data(dc_str_t sums, const dc_store_head_t *head, dc_str_t data)
{
    return sums.len == 0 || dc_store_sums_check(sums, head, 0, data);
}
