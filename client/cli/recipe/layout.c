#include "client/cli/recipe/layout.h"

const char *dc_layout_format_name(dc_format_t format)
{
    switch (format) {
    case DC_FORMAT_LINES: return "lines";
    case DC_FORMAT_CSV: return "csv";
    case DC_FORMAT_TSV: return "tsv";
    case DC_FORMAT_JSONL: return "jsonl";
    case DC_FORMAT_SHEET: return "sheet";
    case DC_FORMAT_DOUBLES:
    case DC_FORMAT_POINTS: return "ranges";
    }
    return "";
}

const char *dc_layout_type_name(dc_var_type_t type)
{
    switch (type) {
    case DC_VAR_ANY: return "any";
    case DC_VAR_NUMBER: return "number";
    case DC_VAR_INT: return "int";
    case DC_VAR_BOOL: return "bool";
    case DC_VAR_STRING: return "string";
    }
    return "";
}
