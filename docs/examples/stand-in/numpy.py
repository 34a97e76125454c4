"""For the test of connect4.py where there is no NumPy: the two names that it uses."""
float32 = "float32"


def array(values, dtype):
    assert dtype == float32, "the model takes float32"
    return values
