"""Commands, one file each. Every start of the program imports them, so that they load nothing heavy."""
