#include "toml_to_json.h"

#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <string_view>
#include <toml++/toml.h>

char *flowlab_toml_to_json(const char *toml, unsigned long length, flowlab_toml_error *error) {
    try {
        toml::table table = toml::parse(std::string_view(toml, length));
        std::ostringstream out;
        out << toml::json_formatter(table);
        return strdup(out.str().c_str());
    } catch (const toml::parse_error &failure) {
        error->line = static_cast<int>(failure.source().begin.line);
        error->column = static_cast<int>(failure.source().begin.column);
        std::string text(failure.description());
        std::strncpy(error->message, text.c_str(), sizeof error->message - 1);
        error->message[sizeof error->message - 1] = '\0';
        return nullptr;
    }
}

void flowlab_toml_free(char *json) { std::free(json); }
