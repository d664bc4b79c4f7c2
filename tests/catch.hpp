#pragma once

// Catch2 2.x and 3.x name their headers and some of their parts differently; tests include this file only and use the
// names of 3.x.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
#else
#include <string>

#include <catch2/catch.hpp>
[[maybe_unused]] static auto ContainsSubstring(const std::string& part) { return Catch::Matchers::Contains(part); }
#endif
