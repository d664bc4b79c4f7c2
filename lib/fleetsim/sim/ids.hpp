#pragma once

#include <fleetsim/des/id.hpp>

/// Names of what a scenario declares, and of what comes and goes while it runs.
namespace fleetsim::sim {

using ZoneId = des::Id<struct ZoneTag>;
using GroupId = des::Id<struct GroupTag>;
using ClusterId = des::Id<struct ClusterTag>;
using ServiceId = des::Id<struct ServiceTag>;
using BalancerId = des::Id<struct BalancerTag>;
using TargetGroupId = des::Id<struct TargetGroupTag>;
using RouteId = des::Id<struct RouteTag>;
using SourceId = des::Id<struct SourceTag>;
using MetricId = des::Id<struct MetricTag>;
using AlarmId = des::Id<struct AlarmTag>;
using SpotPoolId = des::Id<struct SpotPoolTag>;
using SubnetId = des::Id<struct SubnetTag>;

using InstanceId = des::Id<struct InstanceTag>;
using TaskId = des::Id<struct TaskTag>;
/// Tasks of one service, or of one family that RunTask starts.
using TaskGroupId = des::Id<struct TaskGroupTag>;

}  // namespace fleetsim::sim
