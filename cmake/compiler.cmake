# Which compilers may build arngate, and why the others may not.

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  message(
    FATAL_ERROR
      "gcc ${CMAKE_CXX_COMPILER_VERSION} miscompiles C++ coroutines (double frees of temporaries in co_await "
      "expressions, GCC PR 107288 and relatives), so arngate refuses it. Use clang 19, which Debian 12 and 13 have "
      "(apt-get install clang-19; cmake --preset release), or gcc 14 (Debian 13)."
  )
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(
    FATAL_ERROR
      "clang ${CMAKE_CXX_COMPILER_VERSION} does not offer std::expected with Debian's libstdc++. "
      "Use clang 19 (apt-get install clang-19; cmake --preset release) or gcc 14."
  )
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(ARNGATE_CCACHE ccache)
if(ARNGATE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ARNGATE_CCACHE}")
endif()
