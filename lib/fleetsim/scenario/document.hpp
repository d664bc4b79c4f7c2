#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/diagnostics.hpp>

/// A YAML file as a tree with the position of every part. Only this floor's readers look at it.
namespace fleetsim::scenario {

/// Longer files are refused.
inline constexpr std::size_t largest_file_bytes = 8U << 20U;
/// Lists and mappings inside one another, aliases followed.
inline constexpr std::size_t deepest_nesting = 64;
/// Values of a document when every alias is written out.
inline constexpr std::size_t most_values = 2'000'000;

struct Node;

/// One place where a node is used. An alias is a second use of the same node, at a place of its own.
struct Value {
    const Node* node = nullptr;
    Position at;
};

struct Entry {
    Value key;
    Value value;
};

struct Node {
    enum class Kind : std::uint8_t { null, scalar, list, mapping };

    Kind kind = Kind::null;
    std::string text;  ///< Of a scalar.
    /// Of a scalar that stands in the file letter for letter, on one line: its first letter, behind any quote.
    std::optional<Position> text_at;
    std::vector<Value> items;    ///< Of a list.
    std::vector<Entry> entries;  ///< Of a mapping, in the order of the file, merge keys not yet resolved.
    std::size_t depth = 1;       ///< 1 for a scalar.
    std::size_t values = 1;      ///< With everything below, aliases written out.
    bool complete = false;       ///< False while its own content is being read.
};

/// Owns the nodes: they stay where they are, so uses may point at them.
class Document {
public:
    Node& add() { return nodes_.emplace_back(); }
    [[nodiscard]] Value root() const { return root_; }
    void set_root(Value root) { root_ = root; }

private:
    std::deque<Node> nodes_;
    Value root_;
};

/// Reads YAML text. When that fails, one diagnostic says where and why: too large, not UTF-8 text, nested too deeply,
/// an alias that contains itself, empty, more than one document, or a YAML error. Never overflows the stack.
[[nodiscard]] std::optional<Document> parse_document(std::string_view text, Diagnostics& diagnostics);

/// `a mapping`, `a list`, `text`, `nothing`.
[[nodiscard]] std::string_view kind_name(Node::Kind kind);

}  // namespace fleetsim::scenario
