#include <chrono>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/des/event_queue.hpp>

// One header-only piece and one compiled piece of the library; status 0 when both work.
int main() {
    fleetsim::des::EventQueue<char> queue;
    queue.schedule(fleetsim::des::Time{std::chrono::seconds{1}}, 'a');
    const bool popped = queue.pop() == 'a';
    return popped && fleetsim::cloud::catalogue().find("m5.large") != nullptr ? 0 : 1;
}
