# Installs fleetsim, then builds and runs the project in SOURCE against nothing but the installed copy.
function(must_succeed)
    execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        string(REPLACE ";" " " command "${ARGV}")
        message(FATAL_ERROR "${command}\n${output}")
    endif()
endfunction()

# What an example prints stands beside it.
function(must_print_as_approved example)
    get_filename_component(approved ${SOURCE}/../../examples/${example}.txt ABSOLUTE)
    set(printed ${WORK}/${example}.txt)
    execute_process(COMMAND ${WORK}/build/${example} RESULT_VARIABLE status OUTPUT_FILE ${printed} ERROR_VARIABLE error)
    file(READ ${approved} expected)
    file(READ ${printed} output)
    if(NOT status EQUAL 0 OR NOT output STREQUAL expected)
        message(FATAL_ERROR "${example} does not print what it did. If it is right now:\n"
                            "  cp ${printed} ${approved}\nIt printed:\n${output}${error}")
    endif()
endfunction()

# The same programs against the same headers need no compiler twice.
find_program(CCACHE ccache)
if(CCACHE)
    set(launcher -DCMAKE_CXX_COMPILER_LAUNCHER=${CCACHE})
endif()

file(REMOVE_RECURSE ${WORK})
must_succeed(${CMAKE_COMMAND} --install ${FLEETSIM_BUILD} --prefix ${WORK}/prefix)
must_succeed(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${WORK}/prefix
             -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_CXX_FLAGS=${CXX_FLAGS}
             ${launcher})
must_succeed(${CMAKE_COMMAND} --build ${WORK}/build)
must_succeed(${WORK}/build/consumer)
must_succeed(${WORK}/build/mm1)
must_print_as_approved(own_policy)
must_print_as_approved(own_packer)
must_print_as_approved(placement)
must_succeed(${WORK}/prefix/bin/fleetsim --version)
