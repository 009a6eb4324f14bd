"""What authors use to build, check and publish the course; pages import `lecture_utils` alone."""
