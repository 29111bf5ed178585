#include "common/expr/cost.h"
#include "common/expr/parser.h"
#include "common/expr/range.h"
#include "common/limits.h"

// --- the name behind f -------------------------------------------------------------------------

static bool no_name(dc_parser_t *self, const dc_reduce_info_t *info, const dc_token_t *token)
{
    return dc_complain(self, DC_ERR_SYNTAX, dc_token_span(token),
                       "the second argument of '%s' is the name of its variable: %s(%s)",
                       info->name, info->name, info->args);
}

// Behind f and its comma: is there a name, and nothing but a name?
static bool check_name(dc_parser_t *self, const dc_reduce_info_t *info, dc_lexer_t *ahead,
                       dc_token_t *name)
{
    dc_lexer_next(ahead, name);
    if (name->kind == DC_TOKEN_BAD) return false;
    bool is_word = false;
    bool is_plain = name->kind == DC_TOKEN_NAME;
    if (is_plain) dc_constant_find(dc_parser_text(self, name), &is_word);
    if ((!is_plain && name->kind != DC_TOKEN_BRACED) || is_word) return no_name(self, info, name);
    dc_token_t behind;
    dc_lexer_next(ahead, &behind);
    if (behind.kind == DC_TOKEN_BAD) return false;
    bool is_alone = behind.kind == DC_TOKEN_COMMA || behind.kind == DC_TOKEN_RPAREN ||
                    behind.kind == DC_TOKEN_END;
    return is_alone || no_name(self, info, name);
}

static int depth_of(dc_token_kind_t kind)
{
    if (kind == DC_TOKEN_LPAREN || kind == DC_TOKEN_LBRACKET) return 1;
    return kind == DC_TOKEN_RPAREN || kind == DC_TOKEN_RBRACKET ? -1 : 0;
}

// The name that f is to know stands behind f: look ahead for the comma there, with a lexer of its
// own. How often a text is looked through is limited by how deeply reductions may be nested.
static bool find_name(dc_parser_t *self, const dc_reduce_info_t *info, const dc_token_t *call,
                      dc_token_t *name)
{
    dc_lexer_t ahead = self->lexer;
    dc_token_t token = self->token;
    int depth = 0;
    while (depth > 0 || token.kind != DC_TOKEN_COMMA) {
        depth += depth_of(token.kind);
        if (token.kind == DC_TOKEN_BAD) return false;
        if (depth < 0) {
            bool has_one = token.column != self->token.column;
            return dc_complain_count(self, call, info->args_min, info->args_max, has_one);
        }
        if (token.kind == DC_TOKEN_END) {
            return dc_complain(self, DC_ERR_SYNTAX, dc_token_span(&token),
                               "expected ',' and the name of a variable, as in %s(%s), but the "
                               "expression ends here",
                               info->name, info->args);
        }
        dc_lexer_next(&ahead, &token);
    }
    return check_name(self, info, &ahead, name);
}

// --- f -----------------------------------------------------------------------------------------

static bool push_variable(dc_parser_t *self, const dc_token_t *name, uint16_t reg)
{
    dc_symbol_t *symbol = dc_builder_alloc(&self->build, 1, sizeof *symbol);
    if (!symbol) return dc_complain_memory(self);
    dc_str_t text = dc_parser_text(self, name);
    bool is_braced = name->kind == DC_TOKEN_BRACED;
    symbol->name = is_braced ? dc_str(text.data + 1, text.len - 2) : text;
    symbol->kind = DC_SYMBOL_LOCAL;
    symbol->operand = (dc_operand_t){ .kind = DC_OPERAND_VARIABLE,
                                      .type = DC_TYPE_NUMBER,
                                      .reg = reg,
                                      .variable = DC_VARIABLE_NONE };
    dc_scope_push(self->scope, symbol);
    return true;
}

// A comparison has no slope, and where it changes is not where it is zero: an equation is meant.
static bool is_function(dc_parser_t *self, const dc_reduction_t *reduction, const dc_operand_t *f)
{
    bool is_followed = reduction->kind == DC_REDUCE_SOLVE || reduction->kind == DC_REDUCE_DIFF;
    if (!is_followed || f->type != DC_TYPE_BOOL) return true;
    return dc_complain(self, DC_ERR_TYPE, dc_operand_span(f),
                       "'%s' takes a number, not a bool: write 'a - b' for 'a == b'",
                       dc_reduce_infos[reduction->kind].name);
}

static bool parse_f(dc_parser_t *self, const dc_token_t *name, dc_reduction_t *reduction)
{
    const dc_reduce_info_t *info = &dc_reduce_infos[reduction->kind];
    size_t names = self->scope->count;
    dc_operand_t f;
    reduction->variable = dc_builder_named(&self->build);
    if (!push_variable(self, name, reduction->variable)) return false;
    if (!dc_parse_nested(self, DC_POWER_ANY, &f)) return false;
    dc_scope_pop_to(self->scope, names);
    if (!is_function(self, reduction, &f)) return false;
    bool fits =
        info->of_bools ? dc_want_bool(self, &f, info->name) : dc_want_number(self, &f, info->name);
    if (!fits) return false;
    reduction->value = dc_operand_load(self, &f);
    dc_ins_t yield = { .op = DC_OP_YIELD, .a = reduction->value };
    dc_builder_emit(&self->build, yield, dc_operand_span(&f));
    return true;
}

// Read f; its code stands apart, jumped over, and shares no register with what surrounds it.
static bool parse_apart(dc_parser_t *self, const dc_token_t *name, dc_reduction_t *reduction)
{
    dc_builder_t *build = &self->build;
    uint32_t jump = dc_builder_jump(build, DC_OP_JUMP, 0);
    build->label = build->ins_count;
    uint32_t free_reg = build->free_reg;
    build->free_reg = DC_REG_NONE;
    uint32_t apart_steps = self->apart_steps;
    reduction->entry = build->ins_count;
    self->reductions++;
    if (self->reductions_most < self->reductions) self->reductions_most = self->reductions;
    if (!parse_f(self, name, reduction)) return false;
    self->reductions--;
    reduction->end = build->ins_count;
    uint32_t length = reduction->end - reduction->entry;
    reduction->steps = length - (self->apart_steps - apart_steps);
    self->apart_steps = apart_steps + length;
    reduction->cost = dc_cost_of(build->ins, reduction->entry, reduction->end, self->functions,
                                 self->reduction_list);
    build->free_reg = free_reg;
    dc_builder_land(build, jump);
    return true;
}

// --- the arguments behind the name -------------------------------------------------------------

// How many terms there are at least, where the bounds are constants.
static double terms_of(dc_reduce_t kind, const dc_operand_t *args, uint32_t count)
{
    dc_number_range_t range;
    double terms = 0;
    if (!dc_reduce_is_range(kind)) return dc_reduce_infos[kind].terms;
    double numbers[DC_REDUCE_ARGS_MAX] = { 0 };
    for (uint32_t i = 0; i < count; i++) {
        if (!dc_operand_is_constant(&args[i])) return 0;
        numbers[i] = args[i].value.number;
    }
    dc_range_args_t known = dc_range_args(numbers, count);
    dc_err_t err = dc_range_init(&range, known.a, known.b, known.step, &terms);
    return err ? 0 : dc_cost_terms(kind, terms);
}

static bool load_args(dc_parser_t *self, dc_operand_t *args, dc_reduction_t *reduction)
{
    const char *user = dc_reduce_infos[reduction->kind].name;
    for (uint32_t i = 0; i < reduction->arg_count; i++) {
        if (!dc_want_number(self, &args[i], user)) return false;
    }
    reduction->terms = terms_of(reduction->kind, args, reduction->arg_count);
    for (uint32_t i = 0; i < reduction->arg_count; i++) {
        reduction->args[i] = dc_operand_load(self, &args[i]);
    }
    for (uint32_t i = 0; i < reduction->arg_count; i++) {
        dc_operand_release(self, &args[i]);
    }
    return true;
}

// Read what follows the name, up to the closing parenthesis.
static bool parse_rest(dc_parser_t *self, const dc_token_t *call, dc_reduction_t *reduction)
{
    const dc_reduce_info_t *info = &dc_reduce_infos[reduction->kind];
    uint32_t first = self->arg_count;
    if (self->token.kind == DC_TOKEN_COMMA) {
        dc_parser_advance(self);
        if (!dc_parse_args(self)) return false;
    } else if (!dc_parser_expect(self, DC_TOKEN_RPAREN, "',' or ')'")) {
        return false;
    }
    uint32_t count = self->arg_count - first;
    self->arg_count = first;
    if (count + 2 < info->args_min || count + 2 > info->args_max) {
        return dc_complain_count(self, call, info->args_min, info->args_max, count + 2);
    }
    reduction->arg_count = (uint8_t)count;
    return load_args(self, self->args + first, reduction);
}

// --- all of it ---------------------------------------------------------------------------------

static bool push_reduction(dc_parser_t *self, const dc_reduction_t *reduction, uint32_t *index)
{
    if (self->reduction_count == self->reduction_capacity) {
        dc_reduction_t *list =
            dc_builder_grow(&self->build, self->reduction_list, self->reduction_count,
                            &self->reduction_capacity, sizeof *list);
        if (!list) return dc_complain_memory(self);
        self->reduction_list = list;
    }
    *index = self->reduction_count++;
    self->reduction_list[*index] = *reduction;
    return true;
}

static bool too_deep(dc_parser_t *self, const dc_token_t *call)
{
    return dc_complain(self, DC_ERR_TOO_DEEP, dc_token_span(call),
                       "more than %d reductions are nested here", DC_EXPR_REDUCTIONS_MAX);
}

bool dc_reductions_fit(dc_parser_t *self, const dc_token_t *call, uint32_t more)
{
    uint32_t depth = self->reductions + more;
    if (depth > DC_EXPR_REDUCTIONS_MAX) return too_deep(self, call);
    if (self->reductions_most < depth) self->reductions_most = depth;
    return true;
}

bool dc_parse_reduction(dc_parser_t *self, dc_reduce_t kind, const dc_token_t *call,
                        dc_operand_t *result)
{
    dc_token_t name = { 0 };
    dc_reduction_t reduction = { .kind = kind };
    uint32_t index = 0;
    if (!dc_reductions_fit(self, call, 1)) return false;
    if (!find_name(self, &dc_reduce_infos[kind], call, &name)) return false;
    if (!parse_apart(self, &name, &reduction)) return false;
    if (!dc_parser_expect(self, DC_TOKEN_COMMA, "','")) return false;
    dc_parser_advance(self); // the name
    if (!parse_rest(self, call, &reduction)) return false;
    reduction.at = self->build.ins_count;
    if (!push_reduction(self, &reduction, &index)) return false;
    dc_ins_t ins = { .op = DC_OP_REDUCE, .x = (uint8_t)kind, .d = dc_builder_reg(&self->build) };
    ins.a = (uint16_t)index;
    dc_builder_emit(&self->build, ins, dc_token_span(call));
    bool is_bool = dc_reduce_infos[kind].is_bool;
    dc_operand_set_temporary(result, is_bool ? DC_TYPE_BOOL : DC_TYPE_NUMBER, ins.d);
    result->column = call->column;
    result->end = self->before_end;
    return true;
}
