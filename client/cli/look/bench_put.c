// What was measured, for people and for programs.
#include "client/cli/look/bench.h"
#include "client/cli/text/numfmt.h"
#include "common/json_writer.h"
#include "common/limits.h"

static const struct {
    const char *name, *key;
} phases[DC_BENCH_PHASES] = {
    [DC_BENCH_ALONE] = { "alone", "alone" },
    [DC_BENCH_PACKED] = { "packed", "packed" },
    [DC_BENCH_CHUNKS] = { "in chunks", "chunks" },
};

static const struct {
    double percent;
    const char *key;
} percentiles[] = { { 50, "p50_ms" }, { 95, "p95_ms" }, { 99, "p99_ms" }, { 100, "max_ms" } };

static double rate_of(const dc_bench_result_t *result)
{
    return result->seconds > 0 ? (double)result->jobs / result->seconds : 0;
}

static double cpu_of(const dc_bench_result_t *result)
{
    return result->seconds > 0 ? result->cpu_seconds / result->seconds : 0;
}

// --- for programs ------------------------------------------------------------------------------

static void put_phase_json(dc_bench_result_t *result, const char *key, dc_json_writer_t *json)
{
    dc_json_put_key(json, key);
    dc_json_begin_object(json);
    dc_json_put_member_u64(json, "jobs", result->jobs);
    dc_json_put_member_number(json, "seconds", result->seconds);
    dc_json_put_member_u64(json, "jobs_per_s", (uint64_t)rate_of(result));
    for (size_t i = 0; i < DC_ARRAY_LEN(percentiles) && result->latencies.count; i++) {
        dc_us_t us = dc_latencies_percentile(&result->latencies, percentiles[i].percent);
        dc_json_put_member_number(json, percentiles[i].key, (double)us / 1000);
    }
    dc_json_put_member_number(json, "client_cpu", cpu_of(result));
    dc_json_end_object(json);
}

static void put_json(dc_look_t *look, dc_bench_result_t *results)
{
    dc_json_writer_t json = dc_json_writer(look->out);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "v", 1);
    dc_json_put_member_string(&json, "url", dc_str_from(dcalc_url(look->connection.dcalc)));
    dc_json_put_member_u64(&json, "workers", dc_facts_number(look->json, "workers"));
    dc_json_put_member_u64(&json, "slots", dc_facts_number(look->json, "slots"));
    for (size_t i = 0; i < DC_BENCH_PHASES; i++) {
        put_phase_json(&results[i], phases[i].key, &json);
    }
    dc_json_end_object(&json);
    dc_buf_append_char(look->out, '\n');
}

// --- tables ------------------------------------------------------------------------------------

static void put_number(const dc_look_t *look, dc_grid_t *grid, double number, int decimals,
                       void (*put)(dc_buf_t *out, double number))
{
    dc_buf_t text = { 0 };
    if (look->format == DC_PRINT_TEXT) {
        put(&text, number);
    } else {
        dc_buf_printf(&text, "%.*f", decimals, number);
    }
    dc_grid_put(grid, dc_buf_str(&text));
    dc_buf_fini(&text);
}

static void put_ms(dc_buf_t *out, double ms)
{
    dc_buf_printf(out, ms < 10 ? "%.2f ms" : "%.0f ms", ms);
}

static void put_percent(dc_buf_t *out, double share)
{
    dc_buf_printf(out, "%.0f %%", share * 100);
}

static void put_phase(const dc_look_t *look, dc_grid_t *grid, dc_bench_result_t *result,
                      size_t phase)
{
    const char *name = look->format == DC_PRINT_TEXT ? phases[phase].name : phases[phase].key;
    dc_grid_put(grid, dc_str_from(name));
    put_number(look, grid, (double)result->jobs, 0, dc_numfmt_put_short);
    put_number(look, grid, rate_of(result), 0, dc_numfmt_put_short);
    for (size_t i = 0; i < DC_ARRAY_LEN(percentiles); i++) {
        dc_us_t us = dc_latencies_percentile(&result->latencies, percentiles[i].percent);
        if (result->latencies.count) {
            put_number(look, grid, (double)us / 1000, 3, put_ms);
        } else {
            dc_grid_put(grid, DC_STR(""));
        }
    }
    put_number(look, grid, cpu_of(result), 3, put_percent);
}

static void put_grid(dc_look_t *look, dc_bench_result_t *results)
{
    static const dc_grid_column_t columns[] = {
        { "JOBS SENT", false, "phase" },    { "DONE", true, "jobs" },
        { "A SECOND", true, "jobs_per_s" }, { "P50", true, "p50_ms" },
        { "P95", true, "p95_ms" },          { "P99", true, "p99_ms" },
        { "MAX", true, "max_ms" },          { "CLIENT", true, "client_cpu" },
    };
    dc_grid_t grid;
    dc_grid_init(&grid, columns, DC_ARRAY_LEN(columns));
    for (size_t i = 0; i < DC_BENCH_PHASES; i++) {
        put_phase(look, &grid, &results[i], i);
    }
    dc_look_print_grid(look, &grid);
}

static void put_legend(dc_look_t *look, const dc_bench_result_t *results)
{
    uint64_t slots = dc_facts_number(look->json, "slots");
    double seconds = 0;
    for (size_t i = 0; i < DC_BENCH_PHASES; i++) {
        seconds += results[i].seconds;
    }
    dc_buf_printf(look->out,
                  "%.1f s at %s with %llu slot%s and priority %d; CLIENT is this "
                  "process' share of a core\n",
                  seconds, dcalc_url(look->connection.dcalc), (unsigned long long)slots,
                  slots == 1 ? "" : "s", DC_PRIORITY_MIN);
}

void dc_bench_put(dc_look_t *look, dc_bench_result_t *results)
{
    if (look->format == DC_PRINT_JSON) {
        put_json(look, results);
        return;
    }
    put_grid(look, results);
    if (look->format == DC_PRINT_TEXT) put_legend(look, results);
}
