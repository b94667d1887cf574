# The commands `add user` and `add role`, which talk to a Kubernetes API server.

add_library(arngate_cli_add STATIC cli/add_command.cpp cli/add_flags.cpp cli/aws_auth_client.cpp)
target_link_libraries(arngate_cli_add PUBLIC arngate_config arngate_core_kube)

if(TARGET arngate)
  target_link_libraries(arngate PRIVATE arngate_cli_add)
endif()
