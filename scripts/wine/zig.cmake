# Windows, with the compiler in the Python package ziglang. ZIG is its program, ZIG_TARGET e.g. x86_64-windows-gnu.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ZIG ZIG_TARGET)
set(CMAKE_C_COMPILER ${ZIG} cc -target ${ZIG_TARGET})
set(CMAKE_CXX_COMPILER ${ZIG} c++ -target ${ZIG_TARGET})
# Zig has one program for all tools, and CMake wants one for each.
foreach(tool ar ranlib)
  string(TOUPPER ${tool} name)
  set(CMAKE_${name} ${CMAKE_BINARY_DIR}/zig-${tool})
  file(WRITE ${CMAKE_${name}} "#!/bin/sh\nexec '${ZIG}' ${tool} \"$@\"\n")
  file(CHMOD ${CMAKE_${name}} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endforeach()
# No part has resources.
set(CMAKE_RC_COMPILER ${ZIG})
set(CMAKE_RC_COMPILER_WORKS TRUE)
