' What was filled in arrives here, with the names of the fields.

ON FORM SUBMIT "enrolment"
INCLUDE "enrol.bas"

IF AGE(birth) < 16 THEN
  TALK "Our courses begin at 16 years. See you in ${16 - AGE(birth)} years!"
ELSE
  enrol(course, person, email, phone, birth, newsletter)
END IF
