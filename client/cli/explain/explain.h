// explain — what an expression means and costs, told before anything is sent (--explain).
//
// For people: type, cost, split, tree and code, as short as they can be. For programs (-o json) one
// object a line:
//
//   {"v":1,"expr":...,"type":...,"variables":[...],"cost":{...},"blocks":...,"split":[...],
//    "tree":{...},"code":[...]}
//
// Nothing here needs a network. Each call returns an exit status, and has then said why.
#ifndef DC_CLIENT_CLI_EXPLAIN_EXPLAIN_H
#define DC_CLIENT_CLI_EXPLAIN_EXPLAIN_H

#include "client/cli/cli_settings.h"
#include "client/cli/console.h"
#include "client/cli/print/sink.h"
#include "client/cli/recipe/recipe.h"

// What several explanations share.
typedef struct dc_explainer {
    const dc_cli_settings_t *settings; // borrowed, like the next two
    dc_recipe_t *recipe;               //
    dc_console_t *console;             //
    dc_sink_t sink;                    // owned
    bool is_json;                      //
    bool has_before;                   // something was explained already
} dc_explainer_t;

// Explain the template of `recipe`, which is finished.
DC_MUST_USE int dc_explain_template(const dc_cli_settings_t *settings, dc_recipe_t *recipe,
                                    dc_console_t *console);

// Explain `count` expressions, with the constants of `recipe`. One that is in error is told of, and
// the status is 1.
DC_MUST_USE int dc_explain_arguments(const dc_cli_settings_t *settings, dc_recipe_t *recipe,
                                     const char *const *arguments, size_t count,
                                     dc_console_t *console);

// For expressions that come one by one: begin, explain each, and end with the status so far, also
// where it did not begin.
DC_MUST_USE int dc_explain_begin(dc_explainer_t *self, const dc_cli_settings_t *settings,
                                 dc_recipe_t *recipe, dc_console_t *console);
DC_MUST_USE int dc_explain_end(dc_explainer_t *self, int status);

// Explain the expression that `line` is, the input's line `number`. One in error is told of, and
// the status is 1.
DC_MUST_USE int dc_explain_line(dc_explainer_t *self, dc_str_t line, uint64_t number);

#endif
