/// libmicrohttpd for Swift. `MHD_start_daemon` is variadic and cannot be imported; the simulator
/// starts its daemon through a function of this header instead.
#ifndef HAPLO_CMICROHTTPD_H
#define HAPLO_CMICROHTTPD_H
#include <microhttpd.h>
#endif
