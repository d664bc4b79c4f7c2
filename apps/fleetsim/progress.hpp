#pragma once

#include <chrono>

#include <fleetsim/des/time.hpp>

namespace fleetsim::app {

/// One line on standard error that tells how far a run is, redrawn at most ten times a second and only after half a
/// second, so that short runs show none. Gone when it is destroyed.
class Progress {
public:
    /// `visible`: false draws nothing, for logs and quiet runs. `whole`: simulated time of the whole run.
    Progress(bool visible, des::Duration whole);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() { erase(); }

    void update(des::Time reached);

private:
    using Clock = std::chrono::steady_clock;

    void erase();

    bool visible_;
    des::Duration whole_;
    Clock::time_point started_ = Clock::now();
    Clock::time_point next_draw_;
    bool drawn_ = false;
};

}  // namespace fleetsim::app
