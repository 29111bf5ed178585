// Any bytes as the job of a program: the first line is the program, the rest the job; and where
// that is no program, a table with a variable of each type in a format that the first byte chooses.
#include <stdlib.h>

#include "common/rows.h"
#include "worker/evaluator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const dc_var_type_t types[] = { DC_VAR_ANY, DC_VAR_NUMBER, DC_VAR_INT, DC_VAR_BOOL,
                                       DC_VAR_STRING };
static const char *const names[] = { "a", "b", "c", "d", "e" };

// Every variable has a value of its type, or null where it may be.
static void check_inputs(const dc_program_t *program, const dc_var_t *vars,
                         const dc_value_t *inputs)
{
    bool is_double = dc_numbers_are_double(program->numbers);
    for (size_t i = 0; i < program->var_count; i++) {
        dc_type_t type = inputs[i].type;
        bool is_number = vars[i].type == DC_VAR_NUMBER || vars[i].type == DC_VAR_INT;
        if (type == DC_TYPE_NULL && (vars[i].nullable || vars[i].type == DC_VAR_ANY)) continue;
        if (is_number && type != (is_double ? DC_TYPE_NUMBER : DC_TYPE_DIGITS)) abort();
        if (vars[i].type == DC_VAR_BOOL && type != DC_TYPE_BOOL) abort();
        if (vars[i].type == DC_VAR_STRING && type != DC_TYPE_STRING) abort();
    }
}

static void read_table(uint8_t choice, dc_str_t job)
{
    dc_program_var_t program_vars[DC_ARRAY_LEN(types)] = { 0 };
    dc_var_t vars[DC_ARRAY_LEN(types)];
    dc_value_t inputs[DC_ARRAY_LEN(types)] = { 0 };
    dc_program_t program;
    dc_program_init(&program);
    program.format = (dc_format_t)(choice % 5);
    if (choice & 32) program.numbers.kind = DC_NUMBERS_EXACT;
    program.template = choice & 64 ? DC_STR("") : DC_STR("x");
    program.vars = program_vars;
    program.var_count = program.format == DC_FORMAT_LINES ? 1 : DC_ARRAY_LEN(types);
    program.field_count = DC_ARRAY_LEN(types);
    for (size_t i = 0; i < DC_ARRAY_LEN(types); i++) {
        vars[i] = (dc_var_t){ .name = dc_str_from(names[i]),
                              .type = types[i],
                              .nullable = choice & 128,
                              .is_used = true };
        program_vars[i] = (dc_program_var_t){ vars[i], (uint32_t)i };
    }
    dc_rows_t *rows = dc_rows_new(&program, vars);
    if (!rows) return;
    dc_str_t text = { 0 };
    size_t column = 0;
    dc_diag_t diag;
    dc_err_t err = dc_rows_read(rows, job, inputs, &text, &column, &diag);
    if (!err && program.template.len) check_inputs(&program, vars, inputs);
    if (err && diag.code != err) abort();
    if (text.len && column > job.len) abort();
    dc_rows_destroy(&rows);
}

static void evaluate(dc_str_t program, dc_str_t jobs)
{
    static dc_evaluator_t *evaluator;
    static dc_spot_t spot;
    if (!evaluator) evaluator = dc_evaluator_new(&spot, false);
    dc_cmd_t lease = { .type = DC_CMD_LEASE,
                       .lease = { .id = 1, .count = 10 },
                       .program.bytes = program,
                       .data.bytes = jobs };
    dc_value_t value;
    dc_diag_t diag;
    size_t count = 0;
    dc_evaluator_begin(evaluator, &lease);
    for (; dc_evaluator_take(evaluator); count++) {
        dc_budget_t budget = { .steps_max = 1000 };
        dc_err_t err = dc_evaluator_eval(evaluator, &budget, &value, &diag);
        if (err && diag.code != err) abort();
    }
    if (count != 10) abort(); // as many as were leased, whatever is there
    dc_evaluator_end(evaluator);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dc_str_t rest = { (const char *)data, size };
    dc_str_t line = { 0 };
    if (!dc_str_take_line(&rest, &line)) return 0;
    if (line.len == 1) {
        read_table((uint8_t)line.data[0], rest);
    } else {
        evaluate(line, rest);
    }
    return 0;
}
