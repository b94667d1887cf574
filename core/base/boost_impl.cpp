// The one file that compiles Asio, Asio.SSL and Beast: everyone else only declares what they use.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
