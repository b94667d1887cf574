# arngate_options: the flags that every target of ours shares.

include(CheckIPOSupported)
include(CheckPIESupported)
check_pie_supported()

add_library(arngate_options INTERFACE)
target_include_directories(arngate_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_features(arngate_options INTERFACE cxx_std_23)

target_compile_options(
  arngate_options
  INTERFACE
    -Wall
    -Wextra
    -Wpedantic
    -Wshadow
    -Wconversion
    -Wsign-conversion
    -Woverloaded-virtual
    -Wformat=2
    # gcc counts the casts inside OpenSSL's macros as ours, and its -Wlogical-op takes EAGAIN == EWOULDBLOCK for a slip.
    $<$<CXX_COMPILER_ID:Clang>:-Wold-style-cast>
    $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
    $<$<BOOL:${ARNGATE_WERROR}>:-Werror>
)

# Assertions of the standard library while developing; the release asserts nothing about input.
target_compile_definitions(arngate_options INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

if(ARNGATE_SANITIZE)
  target_compile_options(
    arngate_options INTERFACE -fsanitize=${ARNGATE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
  )
  target_link_options(arngate_options INTERFACE -fsanitize=${ARNGATE_SANITIZE})
  if(ARNGATE_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(arngate_options INTERFACE -Wno-tsan)
  endif()
endif()

if(ARNGATE_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "libFuzzer comes with clang: configure with --preset fuzz")
  endif()
  # Coverage feedback in every object; only the fuzz targets themselves link libFuzzer's main.
  target_compile_options(arngate_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(ARNGATE_COVERAGE)
  target_compile_options(arngate_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(arngate_options INTERFACE -fprofile-instr-generate)
endif()

# Hardening of what is shipped. Control-flow protection is the processor's own (CET, BTI): it costs nothing where the
# processor lacks it. Sanitizer builds bring their own checks and dislike _FORTIFY_SOURCE.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT ARNGATE_SANITIZE)
  target_compile_options(
    arngate_options
    INTERFACE
      -fstack-protector-strong
      -fstack-clash-protection
      -U_FORTIFY_SOURCE
      -D_FORTIFY_SOURCE=3
      -D_GLIBCXX_ASSERTIONS
  )
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(arngate_options INTERFACE -fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    target_compile_options(arngate_options INTERFACE -mbranch-protection=standard)
  endif()
  target_link_options(
    arngate_options INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed -Wl,--gc-sections
  )
  target_compile_options(arngate_options INTERFACE -ffunction-sections -fdata-sections)
  check_ipo_supported(RESULT ARNGATE_LTO OUTPUT ARNGATE_LTO_WHY LANGUAGES CXX)
  if(ARNGATE_LTO)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  else()
    # With clang CMake wants llvm-ar of the same version (llvm-19): an older one cannot read the objects.
    message(WARNING "no link-time optimisation: ${ARNGATE_LTO_WHY}")
  endif()
endif()

if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  find_program(ARNGATE_LLD NAMES ld.lld-19 ld.lld)
  if(ARNGATE_LLD)
    target_link_options(arngate_options INTERFACE -fuse-ld=lld)
  endif()
endif()
