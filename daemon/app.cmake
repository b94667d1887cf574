# The parts of the executable that are not the web front: keys, commands, wiring.

add_library(
  arngate_pki STATIC
  pki/atomic_file.cpp
  pki/key_pair.cpp
  pki/pem.cpp
  pki/rotation.cpp
  pki/self_signed.cpp
  pki/webhook_kubeconfig.cpp
)
target_link_libraries(arngate_pki PUBLIC arngate_core_base)

add_library(arngate_wiring STATIC core_options.cpp metadata_service.cpp own_region.cpp webhook_files.cpp)
target_link_libraries(arngate_wiring PUBLIC arngate_pki arngate_config arngate_core_auth arngate_core_credentials arngate_core_ec2)

add_library(
  arngate_cli STATIC
  cli/add_command.cpp
  cli/add_flags.cpp
  cli/aws_auth_client.cpp
  cli/cert_command.cpp
  cli/check_command.cpp
  cli/command_line.cpp
  cli/command_table.cpp
  cli/completion.cpp
  cli/flag_parser.cpp
  cli/health_command.cpp
  cli/init_command.cpp
  cli/kubeconfig_command.cpp
  cli/man_page.cpp
  cli/run.cpp
  cli/token_command.cpp
  cli/usage.cpp
  cli/verify_command.cpp
  cli/version_command.cpp
)
target_link_libraries(arngate_cli PUBLIC arngate_wiring arngate_core_credentials arngate_core_kube arngate_config_check arngate_client)

add_library(
  arngate_application STATIC
  application.cpp
  application_metrics.cpp
  application_start.cpp
  certificate_watch.cpp
  copy_writer.cpp
  event_loop.cpp
  front_options.cpp
  mapping_copies.cpp
  mapping_keeper.cpp
  mapping_log.cpp
  mapping_metrics.cpp
  mapping_service.cpp
  mapping_sources.cpp
  listening_sockets.cpp
  loop_heartbeat.cpp
  node_name_service.cpp
  retired_tables.cpp
  server_credentials.cpp
  service_manager.cpp
  upkeep.cpp
  webhook_front.cpp
  worker.cpp
  worker_group.cpp
)
target_link_libraries(
  arngate_application PUBLIC arngate_wiring arngate_pages arngate_http arngate_core_credentials
)

add_executable(arngate main.cpp)
target_link_libraries(arngate PRIVATE arngate_application arngate_cli)
set_target_properties(arngate PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

install(TARGETS arngate RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
# Under this name the program takes the place of the Go server.
install(
  CODE "file(CREATE_LINK arngate \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/aws-iam-authenticator\" SYMBOLIC)"
)
include(manual.cmake)
