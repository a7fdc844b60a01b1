#pragma once
#ifdef __cplusplus
extern "C" {
#endif

/// Where and why a TOML text does not parse. `line` and `column` count from 1; both are 0 where no place is known.
/// `message` is always UTF-8 and ends with a NUL.
typedef struct {
    int line;
    int column;
    char message[512];
} flowlab_toml_error;

/// A TOML document as JSON text, to be released with flowlab_toml_free; NULL with `error` filled when it does not
/// parse.
///
/// The text is an object of three members: `values`, the document; `lines`, the line of each key and table by its
/// path (`devices.cui.syringe.diameter_mm`, arrays count from 1: `interlocks[1].name`); `unused`, by path, the values
/// that JSON
/// cannot carry (nan, inf, dates and times), which stand as null in `values`.
char *flowlab_toml_to_json(const char *toml, unsigned long length, flowlab_toml_error *error);
void flowlab_toml_free(char *json);

#ifdef __cplusplus
}
#endif
