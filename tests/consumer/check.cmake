# Installs fleetsim, then builds and runs the project in SOURCE against nothing but the installed copy.
function(must_succeed)
    execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        string(REPLACE ";" " " command "${ARGV}")
        message(FATAL_ERROR "${command}\n${output}")
    endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
must_succeed(${CMAKE_COMMAND} --install ${FLEETSIM_BUILD} --prefix ${WORK}/prefix)
must_succeed(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${WORK}/prefix
             -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_CXX_FLAGS=${CXX_FLAGS})
must_succeed(${CMAKE_COMMAND} --build ${WORK}/build)
must_succeed(${WORK}/build/consumer)
must_succeed(${WORK}/build/mm1)
must_succeed(${WORK}/prefix/bin/fleetsim --version)
