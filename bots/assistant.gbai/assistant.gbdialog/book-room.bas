DESCRIPTION "Books a meeting room for an hour. When the hour is taken, it gives the hours that are free on that day."
PARAM room AS STRING ENUM ["Blue", "Green", "Hall"] DESCRIPTION "Which room"
PARAM day AS DATE LIKE "2026-07-13" DESCRIPTION "On which day"
PARAM hour AS TIME LIKE "14:00" DESCRIPTION "At what time it begins"
PARAM subject AS STRING OPTIONAL DESCRIPTION "What it is about"

TRY
  BOOK "${username}: ${NVL(subject, "meeting")}", day + " " + hour, 60, room
  RETURN {booked: room, day: day, hour: hour}
CATCH
  RETURN {error: "${room} is taken at ${hour}.", free: CHECK AVAILABILITY day, 60, room}
END TRY
