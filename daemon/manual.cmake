# Pages of the manual and completion scripts, written by a program that has the tables of --help.

add_executable(arngate_manual manual.cpp)
target_link_libraries(arngate_manual PRIVATE arngate_cli)
set(ARNGATE_SHARE_DIR "${PROJECT_BINARY_DIR}/share")
add_custom_command(
  OUTPUT "${ARNGATE_SHARE_DIR}/stamp"
  COMMAND "${CMAKE_COMMAND}" -E rm -rf "${ARNGATE_SHARE_DIR}"
  COMMAND arngate_manual "${ARNGATE_SHARE_DIR}"
  COMMAND "${CMAKE_COMMAND}" -E touch "${ARNGATE_SHARE_DIR}/stamp"
  DEPENDS arngate_manual
  COMMENT "Writing the manual and completion scripts"
  VERBATIM
)
add_custom_target(arngate_manual_pages ALL DEPENDS "${ARNGATE_SHARE_DIR}/stamp")

install(DIRECTORY "${ARNGATE_SHARE_DIR}/man/" DESTINATION "${CMAKE_INSTALL_MANDIR}")
install(
  DIRECTORY "${ARNGATE_SHARE_DIR}/bash-completion" "${ARNGATE_SHARE_DIR}/zsh" "${ARNGATE_SHARE_DIR}/fish"
  DESTINATION "${CMAKE_INSTALL_DATADIR}"
)
