// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Lists of nonzeros, of rows and of columns, for every variant: each nonzero once, in order, in its block.

#include "gibbs_support.h"
#include "kernels/gibbs/nonzeros/nonzeros.h"

namespace gx::test::gibbs {
namespace {

TEST(Nonzeros, EveryVariantListsEachOnceInOrder) {
  int count;
  const gx::NonzerosVariant* variants = gx::nonzeros_variants(&count);
  Random random(110);
  int64_t listed = 0;
  for (const int64_t units : {1, 7, 16, 17, 127, 128, 129, 200, 256, 257}) {
    for (const int64_t rows : {1, 2, 15, 16, 17, 33}) {
      for (const bool transposed : {false, true}) {
        const double density = random.pick(std::vector<double>{0, 0.1, 0.5, 1});
        Buffer<float> values(rows * units, random.integer(0, 3));
        for (float& x : values) x = random.coin(density) ? float(random.real(-1, 1)) : random.coin(0.5) ? 0.0f : -0.0f;
        if (rows * units > 5) values[5] = NAN;  // not 0: it must reach the sums
        const auto at = [&](int64_t r, int64_t k) { return transposed ? values[k * rows + r] : values[r * units + k]; };
        const int64_t blocks = (units + gx::kSparseBlock - 1) / gx::kSparseBlock, capacity = units + 16;
        for (int v = 0; v < count; ++v) {
          if (!gx::usable(variants[v].line.isa)) continue;
          SCOPED_TRACE(testing::Message() << rows << " rows of " << units << (transposed ? " transposed" : "")
                                          << ", density " << density << ", instruction set " << variants[v].line.isa);
          Guarded<int32_t> index(rows * capacity, 1);
          Guarded<float> value(rows * capacity, 1);
          Guarded<int64_t> start(rows * (blocks + 1));
          const gx::NonzeroRows lists = {
              values.data(), transposed ? rows : units, transposed, units, capacity, index.data(), value.data(),
              start.data()};
          const int64_t middle = rows > 16 ? 16 : 0;
          variants[v].run(lists, middle, rows);
          variants[v].run(lists, 0, middle);
          for (int64_t r = 0; r < rows; ++r) {
            int64_t e = start[r * (blocks + 1)];
            for (int64_t k = 0; k < units; ++k) {
              if (k % gx::kSparseBlock == 0) {
                ASSERT_EQ(start[r * (blocks + 1) + k / gx::kSparseBlock], e) << "block of row " << r;
              }
              const float want = at(r, k);
              if (want == 0) continue;
              ASSERT_LT(e, start[r * (blocks + 1) + blocks]) << "row " << r;
              ASSERT_EQ(index[e], k) << "row " << r;
              ASSERT_EQ(std::memcmp(&value[e], &want, sizeof want), 0) << "row " << r << ", " << k;
              ++e, ++listed;
            }
            ASSERT_EQ(start[r * (blocks + 1) + blocks], e) << "row " << r;
          }
        }
      }
    }
  }
  EXPECT_GT(listed, 10000);
}

TEST(Nonzeros, DensityIsThatOfTheSampledRows) {
  Random random(111);
  const int64_t rows = 100, units = 50;
  Buffer<float> values(rows * units);
  EXPECT_EQ(gx::sampled_density(values.data(), rows, units), 0);
  for (float& x : values) x = 1;
  EXPECT_EQ(gx::sampled_density(values.data(), rows, units), 1);
  for (float& x : values) x = random.coin(0.3) ? 1.0f : 0.0f;
  EXPECT_NEAR(gx::sampled_density(values.data(), rows, units), 0.3, 5 * std::sqrt(0.21 / (16 * units)));
  EXPECT_EQ(gx::sampled_density(values.data(), 0, units), 0);
}

}  // namespace
}  // namespace gx::test::gibbs
