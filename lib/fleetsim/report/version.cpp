#include <fleetsim/report/version.hpp>

namespace fleetsim::report {

std::string_view version() { return FLEETSIM_VERSION; }

}  // namespace fleetsim::report
