# What an installation has beside programs and man pages, and the Debian package of it all (scripts/package).

install(FILES deploy/systemd/arngate.service deploy/systemd/arngate.socket DESTINATION lib/systemd/system)
# /etc for the prefix /usr, which the unit expects.
install(FILES deploy/debian/config.yaml DESTINATION "${CMAKE_INSTALL_FULL_SYSCONFDIR}/arngate")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME copyright)
install(
  DIRECTORY docs/
  DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  FILES_MATCHING
  PATTERN "*.md"
  PATTERN "*.json"
  PATTERN "*.png"
)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX "${CMAKE_INSTALL_PREFIX}")
set(CPACK_SET_DESTDIR ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_NAME arngate)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_CONTACT "arngate maintainers <arngate@example.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
    "arngate server is the webhook that kube-apiserver asks whose token a request carries; it proves tokens with AWS STS
and maps IAM identities to users and groups. arngate token prints tokens for kubectl. It takes the place of
aws-iam-authenticator under its name as well. arngate-bench puts load on any such webhook."
)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_PROVIDES "aws-iam-authenticator")
set(CPACK_DEBIAN_PACKAGE_CONFLICTS "aws-iam-authenticator")
set(CPACK_DEBIAN_PACKAGE_REPLACES "aws-iam-authenticator")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# CPack makes conffiles of nothing by itself.
file(WRITE "${PROJECT_BINARY_DIR}/conffiles" "${CMAKE_INSTALL_FULL_SYSCONFDIR}/arngate/config.yaml\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${PROJECT_SOURCE_DIR}/deploy/debian/postinst;${PROJECT_SOURCE_DIR}/deploy/debian/prerm;${PROJECT_SOURCE_DIR}/deploy/debian/postrm;${PROJECT_BINARY_DIR}/conffiles"
)
include(CPack)
