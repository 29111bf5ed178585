#include "client/cli/recipe/constants.h"

#include <sysexits.h>

#include "common/clock.h"
#include "common/limits.h"

void dc_constants_init(dc_constants_t *self, dc_numbers_t numbers, dc_arena_t *arena,
                       dc_messages_t *messages)
{
    *self = (dc_constants_t){ .numbers = numbers, .arena = arena, .messages = messages };
}

void dc_constants_fini(dc_constants_t *self)
{
    dc_calculator_destroy(&self->calculator);
}

dc_calculator_t *dc_constants_calculator(dc_constants_t *self)
{
    if (!self->calculator) self->calculator = dc_calculator_new(self->numbers);
    return self->calculator;
}

int dc_constants_complain(dc_constants_t *self, const char *option, dc_str_t name,
                          const dc_diag_t *diag, dc_str_t source)
{
    dc_fault_t fault = { .code = diag->code,
                         .column = diag->column,
                         .width = diag->width,
                         .message = dc_str_from(diag->message) };
    dc_messages_put_option(self->messages, option, name, &fault, source);
    return diag->code == DC_ERR_NOMEM ? EX_TEMPFAIL : EX_USAGE;
}

static int evaluate(dc_constants_t *self, const char *option, dc_str_t name, dc_str_t text,
                    dc_value_t *value)
{
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX,
                           .deadline_us = dc_clock_awake_us() + (dc_us_t)DC_JOB_TIMEOUT_MS * 1000 };
    dc_eval_options_t options = { .ieee = true };
    dc_diag_t diag = { 0 };
    if (!dc_constants_calculator(self)) return dc_messages_put_no_memory(self->messages);
    dc_err_t err = dc_calculator_eval(self->calculator, text, self->vars, self->values, self->count,
                                      options, &budget, value, &diag);
    return err ? dc_constants_complain(self, option, name, &diag, text) : 0;
}

// Copy what the calculator lends.
static bool keep_text(dc_constants_t *self, dc_value_t *value)
{
    if (value->type != DC_TYPE_STRING && value->type != DC_TYPE_DIGITS) return true;
    size_t len = value->string.len;
    char *bytes = dc_arena_alloc(self->arena, len + 1, 1);
    if (!bytes) return false;
    if (len) memcpy(bytes, value->string.data, len);
    value->string = dc_str(bytes, len);
    return true;
}

// Both arrays grow by one: there are few, and they lie in the arena.
static bool append(dc_constants_t *self, dc_str_t name, dc_value_t value)
{
    dc_var_t *vars = dc_arena_alloc(self->arena, self->count + 1, sizeof *vars);
    dc_value_t *values = dc_arena_alloc(self->arena, self->count + 1, sizeof *values);
    if (!vars || !values) return false;
    if (!keep_text(self, &value)) return false;
    if (self->count) {
        memcpy(vars, self->vars, self->count * sizeof *vars);
        memcpy(values, self->values, self->count * sizeof *values);
    }
    vars[self->count] = (dc_var_t){ .name = name,
                                    .type = dc_var_type_of(value.type),
                                    .nullable = value.type == DC_TYPE_NULL };
    values[self->count] = value;
    self->vars = vars;
    self->values = values;
    self->count++;
    return true;
}

dc_str_t dc_constants_strip_braces(dc_str_t name)
{
    name = dc_str_trim(name);
    bool is_braced = name.len >= 2 && name.data[0] == '{' && name.data[name.len - 1] == '}';
    return is_braced ? dc_str(name.data + 1, name.len - 2) : name;
}

bool dc_constants_split(const char *text, dc_str_t *name, dc_str_t *rest)
{
    const char *sign = strchr(text, '=');
    if (!sign) return false;
    *name = dc_constants_strip_braces(dc_str(text, (size_t)(sign - text)));
    *rest = dc_str_from(sign + 1);
    return name->len > 0;
}

int dc_constants_add(dc_constants_t *self, const char *text)
{
    dc_str_t name, source;
    dc_value_t value;
    if (!dc_constants_split(text, &name, &source)) {
        dc_messages_put_usage(self->messages, "--let", dc_str_from(text),
                              "is not of the form NAME=VALUE");
        return EX_USAGE;
    }
    for (size_t i = 0; i < self->count; i++) {
        if (!dc_str_eq(self->vars[i].name, name)) continue;
        dc_messages_put_usage(self->messages, "--let", name, "is bound twice");
        return EX_USAGE;
    }
    int status = evaluate(self, "--let", name, source, &value);
    if (status) return status;
    return append(self, name, value) ? 0 : dc_messages_put_no_memory(self->messages);
}

int dc_constants_number(dc_constants_t *self, const char *option, dc_str_t name, dc_str_t text,
                        dc_value_t *number)
{
    int status = evaluate(self, option, name, text, number);
    if (status) return status;
    if (number->type != DC_TYPE_NUMBER && number->type != DC_TYPE_DIGITS) {
        dc_messages_put_usage(self->messages, option, text, "is not a number");
        return EX_USAGE;
    }
    return keep_text(self, number) ? 0 : dc_messages_put_no_memory(self->messages);
}
