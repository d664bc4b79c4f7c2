#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <fleetsim/des/time.hpp>
#include <fleetsim/sim/ids.hpp>

/// What a scenario lets go wrong.
namespace fleetsim::sim {

/// EC2 terminates one instance (of `group`, or of any group), chosen at random among those running.
struct TerminateInstance {
    GroupId group = GroupId::none();
};

/// One task's essential container exits; chosen at random among the running ones (of `service`, or of any).
struct TerminateTask {
    ServiceId service = ServiceId::none();
};

/// Nothing in the zone answers, and nothing can be launched there, for `duration`.
struct ZoneOutage {
    ZoneId zone;
    des::Duration duration{};
};

/// EC2 cannot give out instances of the type in the zone (`none`: in any) for `duration`, on demand or Spot.
struct InsufficientCapacity {
    std::string instance_type;
    ZoneId zone = ZoneId::none();
    des::Duration duration{};
};

/// EC2 takes back `share` of the Spot instances of a type in a zone (`none`: in all zones) at once, with the usual
/// notice.
struct ReclaimSpot {
    std::string instance_type;  ///< Empty: of every type, and Fargate.
    ZoneId zone = ZoneId::none();
    double share = 1;
    bool fargate = false;  ///< Of Fargate alone.
};

/// Who finds an instance unhealthy: a load balancer, EC2's status check, or a check of the user's own, which calls
/// SetInstanceHealth.
enum class HealthCheck : std::uint8_t { elb, ec2, custom };

inline constexpr std::array<std::string_view, 3> health_check_names{"ELB", "EC2", "custom"};

/// One instance in service, chosen at random, fails a check from then on, but goes on working.
struct ImpairInstance {
    GroupId group = GroupId::none();
    HealthCheck check = HealthCheck::ec2;
};

/// Tasks (of `service`, or of any) exit at random while it lasts.
struct TaskCrashes {
    ServiceId service = ServiceId::none();
    double per_task_hour = 0;
    des::Duration duration{};
};

/// EC2 ends instances (of `group`, or of any) at random while it lasts.
struct InstanceFailures {
    GroupId group = GroupId::none();
    double per_instance_hour = 0;
    des::Duration duration{};
};

/// Work of tasks in the zone takes longer by this factor while it lasts.
struct SlowZone {
    ZoneId zone;
    double factor = 1;
    des::Duration duration{};
};

/// The registry does not answer.
struct RegistryOutage {
    des::Duration duration{};
};

/// ECS launches no more tasks than so many a minute, of all services together.
struct ApiThrottling {
    std::int32_t launches_per_minute = 1;
    des::Duration duration{};
};

struct Fault {
    des::Time at;
    std::variant<TerminateInstance, TerminateTask, ZoneOutage, InsufficientCapacity, ReclaimSpot, ImpairInstance,
                 TaskCrashes, InstanceFailures, SlowZone, RegistryOutage, ApiThrottling>
        what;
};

}  // namespace fleetsim::sim
