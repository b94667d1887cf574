# The parts of the executable that are not the web front: keys, commands, wiring.

add_library(
  arngate_pki STATIC
  pki/atomic_file.cpp
  pki/key_pair.cpp
  pki/self_signed.cpp
  pki/webhook_kubeconfig.cpp
)
target_link_libraries(arngate_pki PUBLIC arngate_core_base)
