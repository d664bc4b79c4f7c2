#pragma once

#include <functional>
#include <string_view>

#include <boost/heap/d_ary_heap.hpp>
#include <boost/heap/fibonacci_heap.hpp>
#include <boost/heap/pairing_heap.hpp>

#include "des/engines.hpp"

/// The heaps of Boost.Heap, for `QueueEngine`.
namespace fleetsim::bench {

using LeastFirst = boost::heap::compare<std::greater<>>;

struct BoostFourAryHeap : TopThenPop<boost::heap::d_ary_heap<Entry, boost::heap::arity<4>, LeastFirst>> {
    static constexpr std::string_view name = "boost_four_ary_heap";
};

struct BoostPairingHeap : TopThenPop<boost::heap::pairing_heap<Entry, LeastFirst>> {
    static constexpr std::string_view name = "boost_pairing_heap";
};

struct BoostFibonacciHeap : TopThenPop<boost::heap::fibonacci_heap<Entry, LeastFirst>> {
    static constexpr std::string_view name = "boost_fibonacci_heap";
};

}  // namespace fleetsim::bench
