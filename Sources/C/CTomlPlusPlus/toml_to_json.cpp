#include "toml_to_json.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <toml++/toml.h>

namespace {

/// Deeper nesting than any bench file has; keeps the recursion and the JSON reader within bounds.
constexpr int deepest = 32;

/// A key that can stand in a path as it is; others are put in quotes.
bool is_bare(std::string_view key) {
    if (key.empty()) return false;
    for (char c : key) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (!plain) return false;
    }
    return true;
}

void append_string(std::string &out, std::string_view text) {
    out += '"';
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", byte);
            out += escape;
        } else {
            out += c;
        }
    }
    out += '"';
}

struct writer {
    std::string values, lines, unused;

    void note(std::string &map, const std::string &path, std::string_view text) {
        if (!map.empty()) map += ',';
        append_string(map, path);
        map += ':';
        map += text;
    }

    void write(const toml::node &node, const std::string &path, int depth) {
        if (depth > deepest) throw std::length_error("tables are nested more than 32 deep at " + path);
        if (!path.empty()) note(lines, path, std::to_string(node.source().begin.line));
        if (const auto *table = node.as_table()) return write_table(*table, path, depth);
        if (const auto *array = node.as_array()) return write_array(*array, path, depth);
        write_value(node, path);
    }

    void write_table(const toml::table &table, const std::string &path, int depth) {
        values += '{';
        bool first = true;
        for (auto &&[key, node] : table) {
            if (!first) values += ',';
            first = false;
            append_string(values, key.str());
            values += ':';
            std::string name(key.str());
            if (!is_bare(key.str())) name = '"' + name + '"';
            write(node, path.empty() ? name : path + "." + name, depth + 1);
        }
        values += '}';
    }

    void write_array(const toml::array &array, const std::string &path, int depth) {
        values += '[';
        std::size_t index = 0;
        for (auto &&node : array) {
            if (index > 0) values += ',';
            index += 1;
            write(node, path + "[" + std::to_string(index) + "]", depth + 1);
        }
        values += ']';
    }

    void write_value(const toml::node &node, const std::string &path) {
        if (const auto *text = node.as_string()) return append_string(values, text->get());
        if (const auto *number = node.as_integer()) {
            values += std::to_string(number->get());
            return;
        }
        if (const auto *flag = node.as_boolean()) {
            values += flag->get() ? "true" : "false";
            return;
        }
        const auto *number = node.as_floating_point();
        if (number && std::isfinite(number->get())) {
            char digits[40];
            std::snprintf(digits, sizeof digits, "%.17g", number->get());
            values += digits;
            return;
        }
        values += "null";
        std::ostringstream shown;
        node.visit([&](const auto &value) {
            if constexpr (toml::is_value<decltype(value)>) shown << value;
        });
        std::string text;
        append_string(text, shown.str());
        note(unused, path, text);
    }
};

/// Cuts at a character's boundary, so that the message stays UTF-8.
void fill(flowlab_toml_error *error, int line, int column, std::string_view text) {
    error->line = line;
    error->column = column;
    std::size_t length = text.size();
    if (length > sizeof error->message - 1) {
        length = sizeof error->message - 1;
        while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) length -= 1;
    }
    std::memcpy(error->message, text.data(), length);
    error->message[length] = '\0';
}

} // namespace

char *flowlab_toml_to_json(const char *toml, unsigned long length, flowlab_toml_error *error) {
    try {
        const toml::table table = toml::parse(std::string_view(toml, length));
        writer out;
        out.write(table, "", 0);
        const std::string text =
            "{\"values\":" + out.values + ",\"lines\":{" + out.lines + "},\"unused\":{" + out.unused + "}}";
        char *copy = strdup(text.c_str());
        if (!copy) fill(error, 0, 0, "out of memory");
        return copy;
    } catch (const toml::parse_error &failure) {
        const auto place = failure.source().begin;
        fill(error, static_cast<int>(place.line), static_cast<int>(place.column), failure.description());
    } catch (const std::exception &failure) {
        fill(error, 0, 0, failure.what());
    } catch (...) {
        fill(error, 0, 0, "the text could not be read");
    }
    return nullptr;
}

void flowlab_toml_free(char *json) { std::free(json); }
