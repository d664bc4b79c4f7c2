#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <fleetsim/des/check.hpp>
#include <fleetsim/scenario/document.hpp>
#include <fleetsim/scenario/text_guard.hpp>

namespace fleetsim::scenario {

namespace {

/// Thrown through the parser, which has no other way to be stopped.
struct Stop {
    Position at;
    std::string message;
};

/// yaml-cpp counts lines from 0 and columns in bytes; people count characters from 1.
class Positions {
public:
    explicit Positions(std::string_view text) : text_(text) {
        starts_.push_back(0);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\n') starts_.push_back(i + 1);
        }
    }

    [[nodiscard]] Position operator()(const YAML::Mark& mark) {
        if (mark.line < 0) return {};
        const auto line = std::min(static_cast<std::size_t>(mark.line), starts_.size() - 1);
        const auto column = static_cast<std::size_t>(std::max(mark.column, 0));
        // Marks mostly move forward, so that counting goes on where it stopped.
        if (line != line_ || column < bytes_) {
            line_ = line;
            bytes_ = 0;
            characters_ = 0;
        }
        for (; bytes_ < column && starts_[line] + bytes_ < text_.size(); ++bytes_) {
            if ((static_cast<unsigned char>(text_[starts_[line] + bytes_]) & 0xC0U) != 0x80U) ++characters_;
        }
        return {static_cast<int>(line) + 1, characters_ + 1};
    }

    /// Does a quoted text that begins there end? The parser takes the end of the file for the closing quote.
    [[nodiscard]] bool quotes_closed(const YAML::Mark& mark) const {
        const std::size_t at = offset(mark);
        if (at >= text_.size() || (text_[at] != '"' && text_[at] != '\'')) return true;
        for (std::size_t i = at + 1; i < text_.size(); ++i) {
            if (text_[i] == '\\' && text_[at] == '"') {
                ++i;
            } else if (text_[i] == text_[at]) {
                const bool doubled = text_[at] == '\'' && i + 1 < text_.size() && text_[i + 1] == '\'';
                if (!doubled) return true;
                ++i;
            }
        }
        return false;
    }

    /// The first letter of a scalar that begins there, if it is written as it reads: no line breaks, no escapes.
    [[nodiscard]] std::optional<Position> of_text(const YAML::Mark& mark, std::string_view scalar) {
        const std::size_t at = offset(mark);
        if (at >= text_.size() || scalar.find('\n') != std::string_view::npos) return std::nullopt;
        Position first = (*this)(mark);
        const bool quoted = text_[at] == '"' || text_[at] == '\'';
        if (quoted) ++first.column;
        const std::string_view written = text_.substr(quoted ? at + 1 : at);
        if (!written.starts_with(scalar)) return std::nullopt;
        return quoted && !written.substr(scalar.size()).starts_with(text_[at]) ? std::nullopt : std::optional(first);
    }

private:
    [[nodiscard]] std::size_t offset(const YAML::Mark& mark) const {
        const auto line = std::min(static_cast<std::size_t>(std::max(mark.line, 0)), starts_.size() - 1);
        return starts_[line] + static_cast<std::size_t>(std::max(mark.column, 0));
    }

    std::string_view text_;
    std::vector<std::size_t> starts_;
    std::size_t line_ = 0;
    std::size_t bytes_ = 0;
    int characters_ = 0;
};

/// Builds the tree from the parser's events, and stops it before a depth or a size that could hurt.
class TreeBuilder final : public YAML::EventHandler {
public:
    TreeBuilder(Document& document, Positions& positions) : document_(document), positions_(positions) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        Node& node = start(Node::Kind::null, anchor);
        finish(node, {&node, positions_(mark)});
    }

    void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string& text) override {
        Node& node = start(Node::Kind::scalar, anchor);
        node.text = text;
        if (!positions_.quotes_closed(mark)) throw Stop{positions_(mark), "this quote is never closed"};
        node.text_at = positions_.of_text(mark, text);
        finish(node, {&node, positions_(mark)});
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto target = anchors_.find(anchor);
        FLEETSIM_CHECK(target != anchors_.end());  // The parser itself refuses an alias without an anchor.
        const Value use{target->second, positions_(mark)};
        if (!use.node->complete) throw Stop{use.at, "an alias may not contain itself"};
        attach(use);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(Node::Kind::list, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(Node::Kind::mapping, mark, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        Node* node = nullptr;
        Position at;
        std::optional<Value> key;  ///< Of a mapping, waiting for its value.
    };

    Node& start(Node::Kind kind, YAML::anchor_t anchor) {
        Node& node = document_.add();
        node.kind = kind;
        if (anchor != 0) anchors_[anchor] = &node;
        return node;
    }

    void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
        const Position at = positions_(mark);
        if (open_.size() >= deepest_nesting) throw too_deep(at);
        open_.push_back({&start(kind, anchor), at, std::nullopt});
    }

    void close() {
        const Open done = open_.back();
        open_.pop_back();
        finish(*done.node, {done.node, done.at});
    }

    void finish(Node& node, Value use) {
        node.complete = true;
        attach(use);
    }

    void attach(Value use) {
        if (open_.empty()) {
            document_.set_root(use);
            return;
        }
        Open& parent = open_.back();
        Node& node = *parent.node;
        node.depth = std::max(node.depth, use.node->depth + 1);
        node.values += use.node->values;
        if (node.depth + open_.size() > deepest_nesting + 1) throw too_deep(use.at);
        if (node.values > most_values) {
            throw Stop{use.at, fmt::format("more than {} values once aliases are written out", most_values)};
        }
        if (node.kind == Node::Kind::list) {
            node.items.push_back(use);
        } else if (!parent.key) {
            parent.key = use;
        } else {
            node.entries.push_back({*parent.key, use});
            parent.key.reset();
        }
    }

    [[nodiscard]] static Stop too_deep(Position at) {
        return {at, fmt::format("nested more than {} levels deep", deepest_nesting)};
    }

    Document& document_;
    Positions& positions_;
    std::map<YAML::anchor_t, const Node*> anchors_;
    std::vector<Open> open_;
};

[[nodiscard]] std::string_view without_byte_order_mark(std::string_view text) {
    return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

/// The parser's messages that are hard to understand without knowing it, in plainer words.
[[nodiscard]] std::string plainer(const std::string& message) {
    if (message == YAML::ErrorMsg::END_OF_MAP) return "a key of this mapping expected here (check the indentation)";
    if (message == YAML::ErrorMsg::END_OF_MAP_FLOW) return "a comma or the closing } expected here";
    if (message == YAML::ErrorMsg::END_OF_SEQ) return "an item of this list expected here (check the indentation)";
    if (message == YAML::ErrorMsg::END_OF_SEQ_FLOW) return "a comma or the closing ] expected here";
    if (message == YAML::ErrorMsg::MAP_VALUE) return "a key and a value cannot start here (check the indentation)";
    if (message == YAML::ErrorMsg::UNKNOWN_ANCHOR) return "the alias names no anchor (&name) above";
    return message;
}

/// Does the line at fault begin with a tab? That is why, whatever the parser makes of it.
[[nodiscard]] bool indented_with_tab(std::string_view text, const YAML::Mark& mark) {
    std::size_t start = 0;
    for (int line = 0; line < mark.line; ++line) {
        start = text.find('\n', start);
        if (start == std::string_view::npos) return false;
        ++start;
    }
    const std::size_t end = text.find_first_not_of(" \t", start);
    return text.substr(start, end - start).find('\t') != std::string_view::npos;
}

/// A file holds one scenario.
class SecondDocument final : public YAML::EventHandler {
public:
    explicit SecondDocument(Positions& where) : where_(where) {}
    void OnDocumentStart(const YAML::Mark& mark) override {
        throw Stop{where_(mark), "a second document starts here: a file holds one scenario"};
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}

private:
    Positions& where_;
};

void parse(std::string_view text, Document& document, Positions& positions) {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(document, positions);
    if (!parser.HandleNextDocument(builder)) return;
    SecondDocument refuse(positions);
    parser.HandleNextDocument(refuse);
}

}  // namespace

std::optional<Document> parse_document(std::string_view text, Diagnostics& diagnostics) {
    if (const auto fault = text_fault(without_byte_order_mark(text))) {
        diagnostics.error(fault->at, fault->message);
        return std::nullopt;
    }
    text = without_byte_order_mark(text);
    diagnostics.set_text(std::string(text));
    Document document;
    Positions positions(text);
    try {
        parse(text, document, positions);
    } catch (const Stop& stop) {
        diagnostics.error(stop.at, stop.message);
        return std::nullopt;
    } catch (const YAML::Exception& wrong) {
        const Position at = positions(wrong.mark);
        const std::string message =
            indented_with_tab(text, wrong.mark) ? "a tab in the indentation: YAML wants spaces" : plainer(wrong.msg);
        diagnostics.error(at, "not valid YAML: " + message);
        return std::nullopt;
    }
    if (document.root().node == nullptr || document.root().node->kind == Node::Kind::null) {
        diagnostics.error({}, "the file is empty: expected a scenario, starting with `fleetsim: 1`");
        return std::nullopt;
    }
    return document;
}

std::string_view kind_name(Node::Kind kind) {
    switch (kind) {
        case Node::Kind::null: return "nothing";
        case Node::Kind::scalar: return "text";
        case Node::Kind::list: return "a list";
        case Node::Kind::mapping: return "a mapping";
    }
    return "nothing";
}

}  // namespace fleetsim::scenario
