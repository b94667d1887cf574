# Cross-compiles for arm64 Linux with clang 19 and lld. Libraries and headers come from an arm64 Debian in the folder
# that the environment variable ARNGATE_ARM64_SYSROOT names (scripts/arm64-sysroot makes one); programs of the build,
# tests among them, run under qemu-user.

# try_compile() reads this file anew, possibly in an environment of its own.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ARNGATE_ARM64_SYSROOT)
if(NOT ARNGATE_ARM64_SYSROOT)
  set(ARNGATE_ARM64_SYSROOT "$ENV{ARNGATE_ARM64_SYSROOT}" CACHE PATH "An arm64 Debian with the libraries of the build")
endif()
if(NOT EXISTS "${ARNGATE_ARM64_SYSROOT}/usr/include")
  message(FATAL_ERROR "ARNGATE_ARM64_SYSROOT has to name an arm64 Debian system: scripts/arm64-sysroot FOLDER makes one")
endif()

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CXX_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_SYSROOT "${ARNGATE_ARM64_SYSROOT}")
# Already while CMake tries the compiler: the linker of this machine knows no arm64.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-fuse-ld=lld")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${ARNGATE_ARM64_SYSROOT}")
set(ENV{PKG_CONFIG_LIBDIR}
    "${ARNGATE_ARM64_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${ARNGATE_ARM64_SYSROOT}/usr/share/pkgconfig"
)

find_program(ARNGATE_QEMU NAMES qemu-aarch64-static qemu-aarch64 REQUIRED)
set(CMAKE_CROSSCOMPILING_EMULATOR "${ARNGATE_QEMU};-L;${ARNGATE_ARM64_SYSROOT}")
