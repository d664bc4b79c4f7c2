#include <array>
#include <utility>

#include <fleetsim/des/distribution.hpp>
#include <fleetsim/sim/data_plane.hpp>

namespace fleetsim::sim {

namespace {

using des::Duration;
using des::Time;
using std::chrono::seconds;

/// When a connection to a full accept queue is tried again: the kernel drops the handshake and the balancer's kernel
/// repeats it, until the balancer's connect timeout ends the wait.
///
/// Source: Linux TCP SYN retransmission (doubling from 1 s); Application Load Balancers User Guide (10 s to connect).
constexpr std::array<Duration, 5> connect_attempts{seconds{0}, seconds{1}, seconds{3}, seconds{7}, seconds{10}};
constexpr std::uint32_t connect_timeout_attempt = connect_attempts.size() - 1;

/// Calls that go straight to a service wait as long as a balancer would.
constexpr Duration direct_answer_timeout = seconds{60};

Duration answer_timeout(const Scenario& scenario, TargetGroupId group) {
    const BalancerId balancer = scenario.target_groups[group].balancer;
    return balancer.exists() ? scenario.balancers[balancer].idle_timeout : direct_answer_timeout;
}

}  // namespace

DataPlane::DataPlane(const Scenario& scenario, std::uint64_t replication, Kernel& kernel, Recorder& recorder)
    : scenario_(scenario),
      kernel_(kernel),
      recorder_(recorder),
      colours_(scenario.seed, replication, "targets", "colour"),
      request_counts_(scenario.target_groups.size()) {
    for (const Service& service : scenario.services) {
        const std::string entity = "service/" + service.name;
        containers_of_.add({});
        streams_.add({des::Stream{scenario.seed, replication, entity, "service-time"},
                      des::Stream{scenario.seed, replication, entity, "calls"}});
    }
    for (const TrafficSource& source : scenario.sources) {
        const std::string entity = "traffic/" + source.name;
        sources_.add(
            {des::Stream{0, 0, entity, "address"}.block(0)[0],
             des::Stream{scenario.seed, replication, entity, "backoff"},
             traffic::PoissonArrivals{source.rate, des::Stream{scenario.seed, replication, entity, "arrivals"}},
             0,
             {}});
    }
    for (const TargetGroup& group : scenario.target_groups) {
        targets_.add(routing::TargetSet{group.algorithm});
        green_targets_.add(routing::TargetSet{group.algorithm});
        green_per_mille_.add(0);
        overdue_answers_.add({});
    }
}

void DataPlane::start() {
    for (const SourceId id : des::ids_of(sources_)) schedule_arrival(id);
}

void DataPlane::schedule_arrival(SourceId id) {
    if (const auto next = sources_[id].arrivals.next()) {
        kernel_.schedule(*next, des::Phase::arrive, Event{event::Arrive{id}});
    }
}

void DataPlane::handle(event::Arrive arrival) {
    Source& source = sources_[arrival.source];
    const std::uint64_t address = des::child_address(source.address, source.users++);
    const UserRef user = users_.add({kernel_.now(), address, arrival.source, 0});
    schedule_arrival(arrival.source);
    recorder_.user_came(arrival.source, kernel_.now());
    attempt(user);
}

void DataPlane::attempt(UserRef ref) {
    User& user = *users_.find(ref);
    const SourceId source = user.source;
    const TrafficSource& traffic = scenario_.sources[source];
    const std::uint64_t address = des::child_address(user.address, user.attempts++);
    recorder_.user_attempted(source, user.first_sent);
    const RequestRef request = send(traffic.to, address, {}, ref);
    if (!traffic.client.timeout || !awaits(request)) return;
    auto& timeouts = sources_[source].timeouts;
    timeouts.drop_dead([this](RequestRef other) { return awaits(other); });
    if (const auto wake = timeouts.push(kernel_.now() + *traffic.client.timeout, request)) {
        kernel_.schedule(*wake, Event{event::ClientsOverdue{source}});
    }
}

/// Those of the colour that chance gives the request, if there are two.
routing::TargetSet& DataPlane::chosen_targets(TargetGroupId group, std::uint64_t address) {
    const std::int32_t green = green_per_mille_[group];
    if (green == 0) return targets_[group];
    return 1000 * colours_.unit(address) < green ? green_targets_[group] : targets_[group];
}

RequestRef DataPlane::send(RouteId route, std::uint64_t address, RequestRef caller, UserRef user) {
    const TargetGroupId group = scenario_.routes[route].target_group;
    const ServiceId service = scenario_.target_groups[group].service;
    const Time now = kernel_.now();
    const std::optional<std::uint32_t> target = chosen_targets(group, address).choose();
    const TaskId task = target ? containers_of_[service][*target] : TaskId::none();
    const RequestRef ref = requests_.add({now, address, route, service, task, caller, user});
    ++request_counts_[group.value];
    recorder_.request_sent(service, now);
    if (!target) {
        settle(ref, Outcome::error_503);
        return ref;
    }
    connect(ref, 0);
    return ref;
}

void DataPlane::connect(RequestRef ref, std::uint32_t attempt) {
    Request& request = *requests_.find(ref);
    Container& container = containers_[request.task];
    if (container.reachable) {
        if (kernel_.now() < container.answering_from) return settle(ref, Outcome::error_502);
        const serving::Admission admission = container.pool.offer(ref.slot);
        request.holding = admission != serving::Admission::refused;
        if (admission == serving::Admission::started) begin(ref);
        if (request.holding) return expect_answer(ref);
    }
    const std::uint32_t next = attempt + 1;
    kernel_.schedule(request.sent + connect_attempts[next], Event{event::Connect{ref, next}});
}

/// From the connection on, the balancer waits for the answer no longer than its idle timeout.
void DataPlane::expect_answer(RequestRef ref) {
    const TargetGroupId group = scenario_.routes[requests_.find(ref)->route].target_group;
    auto& overdue = overdue_answers_[group];
    overdue.drop_dead([this](RequestRef other) { return awaits(other); });
    if (const auto wake = overdue.push(kernel_.now() + answer_timeout(scenario_, group), ref)) {
        kernel_.schedule(*wake, Event{event::AnswersOverdue{group}});
    }
}

void DataPlane::handle(event::Connect connecting) {
    if (!requests_.contains(connecting.request)) return;
    if (connecting.attempt == connect_timeout_attempt) return settle(connecting.request, Outcome::error_504);
    connect(connecting.request, connecting.attempt);
}

void DataPlane::begin(RequestRef ref) {
    const Request& request = *requests_.find(ref);
    const ServiceId service = request.service;
    des::Draws draws = streams_[service].work.draws(request.address);
    Duration work = des::sample_duration(scenario_.services[service].serving.service_time, draws);
    Container& container = containers_[request.task];
    if (container.slowness != 1) {
        const double seconds = des::seconds(work) * container.slowness;
        work =
            seconds < des::seconds(des::latest_time) ? des::from_seconds(seconds) : des::latest_time.time_since_epoch();
    }
    set_working(container, +1);
    schedule_after(kernel_, work, des::Phase::release, Event{event::WorkDone{ref}});
}

void DataPlane::set_working(Container& container, std::int64_t change) {
    container.working += change;
    if (container.metered) recorder_.workers_busy(container.service, kernel_.now(), change);
}

void DataPlane::handle(event::WorkDone done) {
    const Request* request = requests_.find(done.request);
    if (request == nullptr || !request->holding) return;
    set_working(containers_[request->task], -1);
    advance(done.request);
}

/// Makes the next call that chance wants; without one left, answers.
void DataPlane::advance(RequestRef ref) {
    Request& request = *requests_.find(ref);
    const std::vector<Call>& calls = scenario_.routes[request.route].calls;
    while (request.calls_made < calls.size()) {
        const Call& call = calls[request.calls_made];
        const std::uint64_t address = des::child_address(request.address, request.calls_made++);
        if (call.probability < 1 && streams_[request.service].calls.unit(address) >= call.probability) continue;
        send(call.to, address, ref, {});
        return;
    }
    finish_work(ref, Outcome::succeeded);
}

/// The worker lets go of the request and takes the next one.
void DataPlane::finish_work(RequestRef ref, Outcome outcome) {
    Request& request = *requests_.find(ref);
    const TaskId task = request.task;
    request.holding = false;
    const std::optional<std::uint32_t> next = containers_[task].pool.release();
    if (next) begin(requests_.at(*next));
    if (requests_.find(ref)->awaited) {
        settle(ref, outcome);
    } else {
        requests_.remove(ref);
    }
}

/// Whoever waited for the request learns how it ended; the container may still be at work on it.
void DataPlane::settle(RequestRef ref, Outcome outcome) {
    Request& request = *requests_.find(ref);
    FLEETSIM_CHECK(request.awaited);
    request.awaited = false;
    if (request.task.exists()) {
        const TargetGroupId group = scenario_.routes[request.route].target_group;
        targets_of(group, request.task).ended(containers_[request.task].number);
    }
    recorder_.request_settled(request.service, request.sent, kernel_.now(), outcome);
    const RequestRef caller = request.caller;
    const UserRef user = request.user;
    if (!request.holding) requests_.remove(ref);
    if (users_.contains(user)) return answer(user, outcome);
    const Request* waiting = requests_.find(caller);
    if (waiting == nullptr || !waiting->holding) return;
    if (outcome == Outcome::succeeded) {
        advance(caller);
    } else {
        finish_work(caller, Outcome::error_500);
    }
}

void DataPlane::answer(UserRef ref, Outcome outcome) {
    const User& user = *users_.find(ref);
    const SourceId source = user.source;
    const traffic::Client& client = scenario_.sources[source].client;
    const bool succeeded = outcome == Outcome::succeeded;
    if (!succeeded && user.attempts <= client.retries) {
        const std::uint32_t retry = user.attempts - 1;
        const double unit = sources_[source].backoff.unit(des::child_address(user.address, retry));
        kernel_.schedule(kernel_.now() + traffic::backoff_delay(client, retry, unit), des::Phase::arrive,
                         Event{event::Retry{ref}});
        return;
    }
    recorder_.user_left(source, user.first_sent, kernel_.now(), succeeded);
    users_.remove(ref);
}

void DataPlane::handle(event::Retry retry) { attempt(retry.user); }

void DataPlane::handle(event::AnswersOverdue overdue) {
    const auto wake = overdue_answers_[overdue.target_group].wake(
        kernel_.now(), [this](RequestRef ref) { return awaits(ref); },
        [this](RequestRef ref) { settle(ref, Outcome::error_504); });
    if (wake) kernel_.schedule(*wake, Event{overdue});
}

void DataPlane::handle(event::ClientsOverdue overdue) {
    const auto wake = sources_[overdue.source].timeouts.wake(
        kernel_.now(), [this](RequestRef ref) { return awaits(ref); },
        [this](RequestRef ref) { settle(ref, Outcome::client_timeout); });
    if (wake) kernel_.schedule(*wake, Event{overdue});
}

bool DataPlane::awaits(RequestRef ref) {
    const Request* request = requests_.find(ref);
    return request != nullptr && request->awaited;
}

void DataPlane::add_container(ServiceId service, bool green) {
    const Serving none{.workers = 1, .backlog = 0, .service_time = {}};
    const Serving& serving = service.exists() ? scenario_.services[service].serving : none;
    Container container{service, serving::WorkerPool{serving.workers, serving.backlog}};
    container.green = green;
    if (service.exists()) container.number = static_cast<std::uint32_t>(containers_of_[service].size());
    const TaskId task = containers_.add(std::move(container));
    if (service.exists()) containers_of_[service].push_back(task);
}

void DataPlane::set_target_state(TargetGroupId group, TaskId task, routing::TargetState state) {
    targets_of(group, task).set_state(containers_[task].number, state);
}

std::vector<RequestRef> DataPlane::requests_in(TaskId task) {
    std::vector<RequestRef> found;
    requests_.for_each([&](RequestRef ref, const Request& request) {
        if (request.task == task && request.holding) found.push_back(ref);
    });
    return found;
}

void DataPlane::stop_metering(TaskId task) {
    Container& container = containers_[task];
    recorder_.workers_busy(container.service, kernel_.now(), -container.working);
    container.metered = false;
}

/// What the container was at work on is nowhere any more; whoever waits for it does not know yet.
void DataPlane::drop_work(TaskId task) {
    Container& container = containers_[task];
    set_working(container, -container.working);
    container.pool.clear();
    for (const RequestRef ref : requests_in(task)) {
        Request& request = *requests_.find(ref);
        request.holding = false;
        if (!request.awaited) requests_.remove(ref);
    }
}

void DataPlane::kill(TaskId task) {
    const std::vector<RequestRef> lost = requests_in(task);
    drop_work(task);
    containers_[task].reachable = true;
    containers_[task].answering_from = des::latest_time;
    for (const RequestRef ref : lost) {
        if (requests_.contains(ref)) settle(ref, Outcome::error_502);
    }
}

void DataPlane::set_reachable(TaskId task, bool reachable) {
    containers_[task].reachable = reachable;
    if (!reachable) drop_work(task);
}

std::uint64_t DataPlane::take_request_count(TargetGroupId group) {
    return std::exchange(request_counts_[group.value], 0);
}

void DataPlane::finish(Time end) {
    requests_.for_each([&](RequestRef, const Request& request) {
        if (request.awaited) recorder_.request_unfinished(request.service, request.sent, end);
    });
    users_.for_each([&](UserRef, const User& user) { recorder_.user_unfinished(user.source, user.first_sent); });
}

}  // namespace fleetsim::sim
