# The version that 'arngate version', the log and the build-info metric give.

if(NOT ARNGATE_COMMIT)
  find_package(Git QUIET)
  if(GIT_FOUND)
    execute_process(
      COMMAND "${GIT_EXECUTABLE}" rev-parse --short=12 HEAD
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
      OUTPUT_VARIABLE ARNGATE_GIT_COMMIT
      OUTPUT_STRIP_TRAILING_WHITESPACE
      ERROR_QUIET
    )
  endif()
endif()
if(ARNGATE_COMMIT)
  set(ARNGATE_BUILT_COMMIT "${ARNGATE_COMMIT}")
else()
  set(ARNGATE_BUILT_COMMIT "${ARNGATE_GIT_COMMIT}")
endif()
configure_file("${PROJECT_SOURCE_DIR}/cmake/version.cpp.in" "${PROJECT_BINARY_DIR}/generated/version.cpp" @ONLY)
