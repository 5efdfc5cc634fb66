"""Model folders of Qualcomm's AI Hub for tests: context binaries, made with QNN's C interface alone."""
