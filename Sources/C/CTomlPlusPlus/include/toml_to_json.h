#pragma once
#ifdef __cplusplus
extern "C" {
#endif

/// Where and why a TOML text does not parse. `line` and `column` count from 1.
typedef struct {
    int line;
    int column;
    char message[512];
} flowlab_toml_error;

/// The JSON text of a TOML document, to be released with flowlab_toml_free; NULL with `error` filled when it does not parse.
char *flowlab_toml_to_json(const char *toml, unsigned long length, flowlab_toml_error *error);
void flowlab_toml_free(char *json);

#ifdef __cplusplus
}
#endif
