#pragma once

namespace fleetsim::des {

/// 128-bit integers for sums that must stay exact. Both compilers offer them as an extension.
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

}  // namespace fleetsim::des
