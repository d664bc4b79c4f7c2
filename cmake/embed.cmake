# Writes the bytes of FILE to OUTPUT as a comma-separated list, for `#include` inside an array's braces.
# Use: cmake -DFILE=… -DOUTPUT=… -P embed.cmake
file(READ "${FILE}" hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
file(WRITE "${OUTPUT}" "${bytes}\n")
