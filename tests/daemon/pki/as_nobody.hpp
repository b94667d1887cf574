#pragma once

#include <gtest/gtest.h>

#include <sys/types.h>
#include <unistd.h>

namespace arngate::pki {

inline constexpr uid_t nobody = 65534;
inline constexpr const char* no_root = "only root can make files of other users and groups";

/// Files are made, read and written with the rights of a user who is not root, while this lives. For tests of root.
class AsNobody {
public:
    AsNobody() { EXPECT_TRUE(::setegid(nobody) == 0 && ::seteuid(nobody) == 0); }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;
    ~AsNobody() { EXPECT_TRUE(::seteuid(0) == 0 && ::setegid(0) == 0); }
};

}  // namespace arngate::pki
