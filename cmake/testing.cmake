# arngate_test(NAME core_aws SOURCES a_test.cpp b_test.cpp LIBS arngate_core_aws)
# One GoogleTest program a folder; each TEST is a CTest test with the label "unit".

find_package(GTest REQUIRED)
include(GoogleTest)

function(arngate_test)
  cmake_parse_arguments(ARG "" "NAME;LABEL;TIMEOUT" "SOURCES;LIBS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${ARG_NAME}_test ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME}_test PRIVATE arngate_options ${ARG_LIBS} GTest::gmock_main)
  target_compile_definitions(
    ${ARG_NAME}_test PRIVATE ARNGATE_TEST_VECTORS="${PROJECT_SOURCE_DIR}/tests/vectors"
                             ARNGATE_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
  )
  gtest_discover_tests(
    ${ARG_NAME}_test
    TEST_PREFIX "${ARG_NAME}."
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT}
  )
endfunction()

# Every header must compile on its own.
function(arngate_check_headers target)
  get_target_property(source_dir ${target} SOURCE_DIR)
  file(GLOB headers CONFIGURE_DEPENDS "${source_dir}/*.hpp")
  set(units)
  foreach(header IN LISTS headers)
    file(RELATIVE_PATH relative "${PROJECT_SOURCE_DIR}" "${header}")
    string(MAKE_C_IDENTIFIER "${relative}" identifier)
    set(unit "${PROJECT_BINARY_DIR}/header_check/${identifier}.cpp")
    file(CONFIGURE OUTPUT "${unit}" CONTENT "#include \"${relative}\"\n")
    list(APPEND units "${unit}")
  endforeach()
  if(units)
    add_library(${target}_headers OBJECT EXCLUDE_FROM_ALL ${units})
    target_link_libraries(${target}_headers PRIVATE arngate_options ${target})
  endif()
endfunction()
