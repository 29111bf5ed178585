#include "client/cli/cluster/facts.h"

#include "common/limits.h"
#include "common/quantity.h"

uint64_t dc_facts_number(const dc_json_t *object, const char *name)
{
    uint64_t value = 0;
    dc_diag_t diag;
    return dc_json_read_u64(object, name, INT64_MAX, &value, &diag) ? value : 0;
}

double dc_facts_real(const dc_json_t *object, const char *name)
{
    double value = 0;
    dc_diag_t diag;
    return dc_json_read_number(object, name, &value, &diag) ? value : 0;
}

dc_str_t dc_facts_text(const dc_json_t *object, const char *name)
{
    dc_str_t value = DC_STR("");
    dc_diag_t diag;
    return dc_json_read_string(object, name, &value, &diag) ? value : DC_STR("");
}

bool dc_facts_flag(const dc_json_t *object, const char *name)
{
    bool value = false;
    dc_diag_t diag;
    return dc_json_read_bool(object, name, &value, &diag) && value;
}

bool dc_facts_has_number(const dc_json_t *object, const char *name)
{
    const dc_json_t *member = dc_json_member(object, name);
    return member && dc_json_type(member) == DC_JSON_NUMBER;
}

bool dc_facts_has_ended(const dc_json_t *batch)
{
    static const char *const states[] = { "done", "failed", "cancelled", "deadline" };
    dc_str_t state = dc_facts_text(batch, "state");
    for (size_t i = 0; i < DC_ARRAY_LEN(states); i++) {
        if (dc_str_eq(state, dc_str_from(states[i]))) return true;
    }
    return false;
}

dc_err_t dc_facts_error(const dc_json_t *batch)
{
    dc_err_t err;
    return dc_err_from_name(dc_facts_text(batch, "error"), &err) ? err : DC_OK;
}

int dc_facts_priority(const dc_json_t *batch)
{
    double priority = dc_facts_real(batch, "priority");
    return DC_PRIORITY_MIN <= priority && priority <= DC_PRIORITY_MAX ? (int)priority : 0;
}

double dc_facts_rate(const dc_json_t *batch)
{
    double rate = dc_facts_real(batch, "rate");
    if (1 <= rate && rate <= 1e15) return rate;
    uint64_t age_ms = dc_facts_number(batch, "age_ms");
    bool is_running = dc_str_eq(dc_facts_text(batch, "state"), DC_STR("running"));
    if (!is_running || !age_ms) return 0;
    return (double)dc_facts_number(batch, "done") * 1000 / (double)age_ms;
}

bool dc_facts_left_ms(const dc_json_t *batch, uint64_t *left_ms)
{
    double rate = dc_facts_rate(batch);
    uint64_t jobs = dc_facts_number(batch, "jobs");
    uint64_t done = dc_facts_number(batch, "done");
    if (rate <= 0 || done >= jobs || dc_facts_flag(batch, "held")) return false;
    *left_ms = (uint64_t)((double)(jobs - done) * 1000 / rate);
    return true;
}

bool dc_facts_put_limits(const dc_json_t *batch, dc_buf_t *out)
{
    uint64_t jobs = dc_facts_number(batch, "rate_max");
    uint64_t bytes = dc_facts_number(batch, "rate_bytes_max");
    char text[DC_QUANTITY_TEXT_MAX];
    dc_count_print(jobs, text);
    if (jobs) dc_buf_printf(out, "%s jobs/s", text);
    if (jobs && bytes) dc_buf_append_text(out, " and ");
    dc_size_print(bytes, text);
    if (bytes) dc_buf_printf(out, "%s bytes/s", text);
    return jobs || bytes;
}
