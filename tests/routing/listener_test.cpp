#include <string>

#include <fleetsim/routing/listener.hpp>

#include "catch.hpp"

using namespace fleetsim::routing;

TEST_CASE("a path pattern matches the whole path, with * for any run and ? for one character") {
    struct Row {
        const char* pattern;
        const char* path;
        bool matches;
    };
    for (const Row& row : {
             Row{"/img/*", "/img/a.png", true},
             Row{"/img/*", "/img/", true},
             Row{"/img/*", "/img", false},
             Row{"/img/*", "/IMG/a.png", false},
             Row{"/img/*/pics", "/img/a/b/pics", true},
             Row{"/api/v?/users", "/api/v2/users", true},
             Row{"/api/v?/users", "/api/v10/users", false},
             Row{"*", "/", true},
             Row{"/", "/", true},
             Row{"/", "/a", false},
             Row{"*.png", "/a.png.txt", false},
             Row{"/a*b*c", "/a-b-b-c", true},
             Row{"", "", true},
             Row{"?", "", false},
         }) {
        INFO(row.pattern << " on " << row.path);
        CHECK(path_matches(row.pattern, row.path) == row.matches);
    }
}

TEST_CASE("the matching rule of lowest priority wins, and the default takes the rest") {
    const Listener<std::string> listener{
        443,
        true,
        {{20, "/api/*", "backend"}, {10, "/api/admin/*", "admin"}, {30, "/api/admin/*", "never"}},
        "frontend"};
    CHECK(forward(listener, "/api/jobs") == "backend");
    CHECK(forward(listener, "/api/admin/users") == "admin");
    CHECK(forward(listener, "/") == "frontend");
}
