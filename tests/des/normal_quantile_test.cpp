#include <cmath>
#include <vector>

#include <boost/math/distributions/normal.hpp>

#include <fleetsim/des/normal_quantile.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim::des;

TEST_CASE("the normal quantile matches published values") {
    struct Row {
        double p;
        double z;
    };
    // The first three are the check values printed with the algorithm, the others are common table entries.
    const std::vector<Row> rows{
        {0.25, -0.6744897501960817}, {0.001, -3.090232306167814},
        {1e-20, -9.262340089798408}, {0.5, 0},
        {0.95, 1.6448536269514722},  {0.975, 1.959963984540054},
        {0.99, 2.3263478740408408},  {0.99995, 3.890591886413120},
    };
    for (const Row& row : rows) CHECK(normal_quantile(row.p) == Approx(row.z).epsilon(1e-14).margin(1e-300));
}

TEST_CASE("the normal quantile agrees with an independent implementation in all its pieces") {
    const boost::math::normal standard;
    for (int exponent = -300; exponent <= -2; ++exponent) {
        const double p = std::pow(10.0, exponent);
        CHECK(normal_quantile(p) == Approx(boost::math::quantile(standard, p)).epsilon(1e-14));
    }
    for (int i = 1; i < 1000; ++i) {
        const double p = i / 1000.0;
        CHECK(normal_quantile(p) == Approx(boost::math::quantile(standard, p)).epsilon(1e-14).margin(1e-15));
    }
}

TEST_CASE("the normal quantile is odd and rises") {
    double previous = normal_quantile(0x1p-60);
    for (int i = 1; i < 4096; ++i) {
        const double p = i / 4096.0;
        CHECK(normal_quantile(p) == -normal_quantile(1 - p));
        CHECK(normal_quantile(p) > previous);
        previous = normal_quantile(p);
    }
}

TEST_CASE("certainty has no normal quantile") {
    CHECK(fleetsim::test::aborts([] { static_cast<void>(normal_quantile(0)); }));
    CHECK(fleetsim::test::aborts([] { static_cast<void>(normal_quantile(1)); }));
}
