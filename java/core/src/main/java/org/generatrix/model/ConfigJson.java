// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.generatrix.io.Json;

/**
 * Configuration records to JSON and back: one entry per component, by its name. Components are int,
 * long, double, boolean, String, an enum (by its name), another record, a sealed interface of
 * records (which adds the entry "type", the record's name), or a List of these.
 *
 * <p>Reading is strict, since a setting that is silently dropped or invented is worse than an
 * error: every component must be there, nothing else may be, and the record's own checks run as
 * they do for Java callers.
 */
public final class ConfigJson {
  private static final String TYPE = "type";

  private ConfigJson() {}

  /** The record as a JSON object. */
  public static String write(Record config) {
    return Json.print(object(config));
  }

  private static Map<String, Object> object(Record config) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (RecordComponent component : config.getClass().getRecordComponents()) {
      object.put(
          component.getName(), written(component.getGenericType(), valueOf(component, config)));
    }
    return object;
  }

  private static Object written(Type type, Object value) {
    if (value instanceof Enum<?> e) {
      return e.name();
    } else if (value instanceof List<?> list) {
      List<Object> written = new ArrayList<>();
      for (Object element : list) {
        written.add(written(elementType(type), element));
      }
      return written;
    } else if (value instanceof Record record) {
      Map<String, Object> object = new LinkedHashMap<>();
      if (type instanceof Class<?> declared && declared.isSealed()) {
        object.put(TYPE, record.getClass().getSimpleName());
      }
      object.putAll(object(record));
      return object;
    }
    return value;
  }

  private static Object valueOf(RecordComponent component, Record config) {
    try {
      return component.getAccessor().invoke(config);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  /**
   * The record a JSON object stands for.
   *
   * @throws IllegalArgumentException when the text is not such an object, or the record refuses its
   *     values
   */
  public static <R extends Record> R read(Class<R> type, String json) {
    return type.cast(record(type, new LinkedHashMap<>(Json.parseObject(json))));
  }

  private static Object record(Class<?> type, Map<String, Object> object) {
    List<Class<?>> types = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String name = component.getName();
      if (!object.containsKey(name)) {
        throw new IllegalArgumentException(
            "%s needs the entry \"%s\", got %s"
                .formatted(type.getSimpleName(), name, object.keySet()));
      }
      types.add(component.getType());
      values.add(
          read(component.getGenericType(), object.remove(name), type.getSimpleName() + "." + name));
    }
    if (!object.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no entry \"%s\""
              .formatted(type.getSimpleName(), object.keySet().iterator().next()));
    }
    try {
      return type.getDeclaredConstructor(types.toArray(Class<?>[]::new))
          .newInstance(values.toArray());
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException refusal) {
        throw refusal;
      }
      throw new IllegalStateException("cannot construct " + type, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot construct " + type, e);
    }
  }

  // A JSON value as one of the type; where it stands is for the message.
  private static Object read(Type declared, Object json, String where) {
    Class<?> type =
        declared instanceof ParameterizedType p ? (Class<?>) p.getRawType() : (Class<?>) declared;
    if (type == int.class && json instanceof Long n && n == n.intValue()) {
      return n.intValue();
    } else if (type == long.class && json instanceof Long) {
      return json;
    } else if (type == double.class && json instanceof Number n) {
      return n.doubleValue();
    } else if (type == boolean.class && json instanceof Boolean
        || type == String.class && json instanceof String) {
      return json;
    } else if (type.isEnum() && json instanceof String name) {
      for (Object constant : type.getEnumConstants()) {
        if (((Enum<?>) constant).name().equals(name)) {
          return constant;
        }
      }
    } else if (type == List.class && json instanceof List<?> elements) {
      List<Object> read = new ArrayList<>();
      for (Object element : elements) {
        read.add(read(elementType(declared), element, where + "[" + read.size() + "]"));
      }
      return List.copyOf(read);
    } else if ((type.isRecord() || type.isSealed()) && json instanceof Map<?, ?> map) {
      Map<String, Object> object = new LinkedHashMap<>();
      map.forEach((key, value) -> object.put((String) key, value));
      return record(type.isRecord() ? type : permitted(type, object.remove(TYPE), where), object);
    }
    throw new IllegalArgumentException(
        "%s must be %s %s, got %s"
            .formatted(
                where,
                type == int.class ? "an" : "a",
                type.getSimpleName().toLowerCase(Locale.ROOT),
                Json.print(json)));
  }

  private static Class<?> permitted(Class<?> sealed, Object name, String where) {
    Class<?>[] all = sealed.getPermittedSubclasses();
    for (Class<?> each : all) {
      if (each.isRecord() && each.getSimpleName().equals(name)) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "%s needs the entry \"%s\", one of %s, got %s"
            .formatted(
                where,
                TYPE,
                Arrays.stream(all).map(Class::getSimpleName).toList(),
                name == null ? "none" : Json.print(name)));
  }

  private static Type elementType(Type list) {
    return ((ParameterizedType) list).getActualTypeArguments()[0];
  }
}
