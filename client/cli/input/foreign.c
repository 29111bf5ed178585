#include "client/cli/input/foreign.h"

const char *dc_foreign_format(dc_str_t bytes)
{
    static const struct {
        const char *magic;
        size_t len;
        const char *what;
    } formats[] = {
        { "\x1F\x8B", 2, "it is compressed: zcat FILE | dcalc batch --from FORMAT - ..." },
        { "\xFF\xFE", 2,
          "it is UTF-16: iconv -f utf-16 -t utf-8 FILE | dcalc batch --from FORMAT - ..." },
        { "\xFE\xFF", 2,
          "it is UTF-16: iconv -f utf-16 -t utf-8 FILE | dcalc batch --from FORMAT - ..." },
        { "PK\x03\x04", 4, "it is a spreadsheet or an archive: save it as CSV" },
    };
    for (size_t i = 0; i < DC_ARRAY_LEN(formats); i++) {
        if (dc_str_begins(bytes, dc_str(formats[i].magic, formats[i].len))) return formats[i].what;
    }
    return NULL;
}
